"""Templates through both doors."""

from __future__ import annotations

import httpx

from tests.api.conftest import Graph

TEXT = {"key": "overdue_notice", "locale": "en", "subject": "Invoice {{ number }}", "body": "Dear {{ contact_name }}"}


async def test_a_template_lives_by_its_versions(api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/templates", json=TEXT)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    template = made.json()
    assert {**TEXT, "channel": "email", "version": 1}.items() <= template.items()
    path = f"/v1/templates/{template['id']}"
    assert (await api.get(path)).json() == template
    assert (await api.get("/v1/templates")).json() == {"data": [template], "next_cursor": None}
    stale = await api.patch(path, json={"body": "Hello"}, headers={"If-Match": '"9"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    changed = await api.patch(path, json={"body": "Hello"}, headers={"If-Match": '"1"'})
    assert (changed.json()["body"], changed.json()["subject"], changed.headers["etag"]) == (
        "Hello",
        TEXT["subject"],
        '"2"',
    )
    again = await api.post("/v1/templates", json=TEXT)
    assert (again.status_code, again.json()["code"]) == (409, "template_exists")
    missing = await api.get("/v1/templates/tpl_00000000000000000000000000")
    assert (missing.status_code, missing.json()["code"]) == (404, "template_not_found")


async def test_wrong_templates_are_refused_with_pointers_and_codes(api: httpx.AsyncClient) -> None:
    for change, pointer, code in (
        ({"body": "{{ number"}, "/body", "template_syntax"),
        ({"body": "{% for i in (1..9) %}x{% endfor %}"}, "/body", "template_tag_not_allowed"),
        ({"body": "{{ number | append: 'x' }}"}, "/body", "template_filter_not_allowed"),
        ({"subject": "{{ password }}"}, "/subject", "template_unknown_variable"),
        ({"body": "{{" * 32_000}, "/body", "template_syntax"),
        ({"body": "x" * 70_000}, "/body", "invalid_value"),
        ({"body": ""}, "/body", "template_empty"),
        ({"key": "No Spaces"}, "/key", "malformed_key"),
        ({"locale": "tlh"}, "/locale", "unknown_locale"),
        ({"channel": "Carrier Pigeon"}, "/channel", "invalid_value"),
        ({"colour": "red"}, "/colour", "unknown_field"),
    ):
        refused = await api.post("/v1/templates", json={**TEXT, **change})
        error = refused.json()["errors"][0]
        assert (refused.status_code, error["pointer"], error["code"]) == (422, pointer, code)
    assert (await api.get("/v1/templates")).json()["data"] == []


async def test_graphql_writes_and_reads_templates_too(graph: Graph) -> None:
    made = await graph(
        "mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { id version channel } }",
        {"input": TEXT},
    )
    template = made["data"]["createTemplate"]
    assert (template["version"], template["channel"]) == (1, "email")
    changed = await graph(
        "mutation ($id: ID!, $input: UpdateTemplateInput!) "
        "{ updateTemplate(id: $id, input: $input, expectedVersion: 1) { subject body version } }",
        {"id": template["id"], "input": {"body": "Hello"}},
    )
    assert changed["data"]["updateTemplate"] == {"subject": TEXT["subject"], "body": "Hello", "version": 2}
    read = await graph(
        "query ($id: ID!) { template(id: $id) { body } templates { edges { node { id } } }"
        " node(id: $id) { __typename } }",
        {"id": template["id"]},
    )
    assert read["data"] == {
        "template": {"body": "Hello"},
        "templates": {"edges": [{"node": {"id": template["id"]}}]},
        "node": {"__typename": "Template"},
    }
    wrong = await graph(
        "mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { id } }",
        {"input": {**TEXT, "body": "{{ password }}"}},
    )
    assert wrong["errors"][0]["extensions"]["errors"][0]["code"] == "template_unknown_variable"
