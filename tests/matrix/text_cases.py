"""Calls of templates, notices and letters."""

from __future__ import annotations

from domain.messaging.templates import create_template
from tests.factories_messaging import a_queued_letter, a_queued_notice
from tests.matrix.registry import Call, Victim, case, fresh, one, plain


async def _template(v: Victim) -> str:
    key = fresh("t").replace("-", "_")
    return (await create_template(v.ctx, key=key, locale="en", subject="Hushed subject", body="Hushed body")).id


@case("create_template")
async def _create_template(_: Victim) -> Call:
    body = {"key": fresh("t").replace("-", "_"), "locale": "en", "subject": "S", "body": "B"}
    return Call(body=body, names_objects=False)


plain("list_templates")
one(_template, "template_id", "get_template", "list_template_versions")
one(_template, "template_id", "restore_template", body={"number": 1})


plain("get_letter_settings")


@case("put_letter_settings")
async def _put_letter_settings(_: Victim) -> Call:
    return Call(body={"number_format": fresh("L")[:20] + "-{year}-{number}"}, names_objects=False)


@case("preview_template")
async def _preview_template(v: Victim) -> Call:
    return Call(body={"template_id": await _template(v)})


one(_template, "template_id", "update_template", body={"subject": "Changed"})


async def _notice(v: Victim) -> str:
    notice, _, _ = await a_queued_notice(v.ctx)
    return notice.id


plain("list_notices")
one(_notice, "notice_id", "get_notice", "list_deliveries")


@case("get_letter")
async def _get_letter(v: Victim) -> Call:
    return Call(path={"notice_id": (await a_queued_letter(v.ctx)).id})
