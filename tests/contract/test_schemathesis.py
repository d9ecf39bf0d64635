"""schemathesis makes requests from our own OpenAPI document: no answer may be a defect, or one that the document does not know."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from api.contracts import contracts

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# A mail is text as far as a generator of requests is concerned.
schemathesis.serializer.alias("message/rfc822", "text/plain")
SCHEMA = schemathesis.openapi.from_dict(msgspec.json.decode(contracts()["openapi.json"]))
OPERATIONS: dict[str, Any] = {one.ok().label: one.ok() for one in SCHEMA.get_all_operations() if isinstance(one, Ok)}
EXAMPLES = 8


# Whatever comes in is a mail, readable or not.
TAKES_ANYTHING = {"POST /v1/inbound/email"}
# Any string is a good path parameter; only what has a body or a query can be asked wrongly.
CASES = [(label, GenerationMode.POSITIVE) for label in OPERATIONS] + [
    (label, GenerationMode.NEGATIVE)
    for label, operation in OPERATIONS.items()
    if (operation.body or operation.query) and label not in TAKES_ANYTHING
]


@pytest.mark.parametrize(("label", "mode"), CASES)
async def test_no_generated_request_finds_a_defect(
    label: str, mode: GenerationMode, base_url: str, access_token: str
) -> None:
    await asyncio.to_thread(_judge, OPERATIONS[label].as_strategy(generation_mode=mode), base_url, access_token)


def _judge(requests: Any, base_url: str, token: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=requests)
    def judge(case: Any) -> None:
        case.call_and_validate(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    judge()
