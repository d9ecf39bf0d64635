"""Calls of imports, their profiles and the operations that they are."""

from __future__ import annotations

from domain.importing.profiles import create_import_profile
from tests.factories_ledger import HEADER, imported
from tests.matrix.registry import Call, Victim, case, fresh, one, plain


async def _operation(v: Victim) -> str:
    return (await imported(v.ctx, HEADER + "i-1,c-1,,wrong,CNY,2026-01-01,2026-01-31,Lanhai,\n")).id


async def _import_profile(v: Victim) -> str:
    return (await create_import_profile(v.ctx, name=fresh("Hushed"), kind="customers", mapping={})).id


plain("list_operations")
one(_operation, "operation_id", "get_operation", "list_operation_errors")


@case("start_import")
async def _start_import(v: Victim) -> Call:
    query = {"kind": "customers", "profile": await _import_profile(v)}
    content = "external_id,name\nc-9,Lanhai\n"
    return Call(query=query, content=content, graph={**query, "content": content})


@case("create_import_profile")
async def _create_import_profile(_: Victim) -> Call:
    return Call(body={"name": fresh("Export"), "kind": "customers", "mapping": {}}, names_objects=False)


plain("list_import_profiles")
one(_import_profile, "import_profile_id", "get_import_profile", "delete_import_profile")


@case("replace_import_profile")
async def _replace_import_profile(v: Victim) -> Call:
    path = {"import_profile_id": await _import_profile(v)}
    return Call(path=path, body={"name": fresh("Changed"), "kind": "customers", "mapping": {"delimiter": ";"}})
