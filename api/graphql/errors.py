"""Errors in GraphQL: the same stable codes as in REST, in `extensions`; a defect of ours is masked."""

from __future__ import annotations

from typing import Any

import structlog
from asyncpg import CharacterNotInRepertoireError, DataError, UntranslatableCharacterError
from graphql import GraphQLError

from domain.kernel.errors import DunwellError

logger = structlog.get_logger("dunwell.api")


def formatted(error: GraphQLError, request_id: str | None) -> dict[str, Any]:
    """One error of the answer: message, locations, path and `extensions.code`."""
    answer: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    if isinstance(cause, DunwellError):
        answer["message"] = cause.detail
        answer["extensions"] = {
            "code": cause.code,
            "errors": [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in cause.errors],
        }
    elif isinstance(cause, CharacterNotInRepertoireError | UntranslatableCharacterError | DataError):
        answer["message"] = "A value holds a character (such as NUL) or a number that cannot be stored."
        answer["extensions"] = {"code": "unstorable_value"}
    elif error.path is None or cause is None or isinstance(cause, GraphQLError):
        # Without a path nothing ran yet: the document or a variable is wrong, such as a date that no calendar has.
        answer["extensions"] = {"code": "invalid_document", **answer.get("extensions", {})}
    else:
        logger.error("field failed", path=error.path, exc_info=cause)
        answer["message"] = "Something went wrong on our side; quote the request id when you report it."
        answer["extensions"] = {"code": "internal_error"}
    answer["extensions"]["request_id"] = request_id
    return answer
