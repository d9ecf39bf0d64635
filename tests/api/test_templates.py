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
        ({"body": "{% for i in (1..9) %}x{% endfor %}"}, "/body", "template_range_not_allowed"),
        ({"body": "{{ number | append: 'x' }}"}, "/body", "template_filter_not_allowed"),
        ({"subject": "{{ password }}"}, "/subject", "template_unknown_variable"),
        ({"body": "{{" * 32_000}, "/body", "template_syntax"),
        ({"body": "x" * 70_000}, "/body", "invalid_value"),
        ({"body": ""}, "/body", "template_empty"),
        ({"key": "No Spaces"}, "/key", "malformed_key"),
        ({"locale": "tlh"}, "/locale", "unknown_locale"),
        ({"channel": "Carrier Pigeon"}, "/channel", "malformed_channel"),
        ({"channel": "sms"}, "/subject", "subject_not_allowed"),
        ({"channel": "sms", "subject": "", "body": "x" * 501}, "/body", "text_too_long"),
        ({"tone": "angry"}, "/tone", "invalid_value"),
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


async def test_versions_are_listed_and_restored_through_both_doors(api: httpx.AsyncClient, graph: Graph) -> None:
    template = (await api.post("/v1/templates", json=TEXT)).json()
    path = f"/v1/templates/{template['id']}"
    await api.patch(path, json={"body": "Hello"})
    listed = (await api.get(f"{path}/versions", params={"limit": 1})).json()
    assert [(v["number"], v["body"]) for v in listed["data"]] == [(1, TEXT["body"])]
    rest = (await api.get(f"{path}/versions", params={"limit": 1, "cursor": listed["next_cursor"]})).json()
    assert [v["body"] for v in rest["data"]] == ["Hello"]
    stale = await api.post(f"{path}/restore", json={"number": 1}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    restored = await api.post(f"{path}/restore", json={"number": 1}, headers={"If-Match": '"2"'})
    assert (restored.status_code, restored.json()["body"], restored.headers["etag"]) == (200, TEXT["body"], '"3"')
    missing = await api.post(f"{path}/restore", json={"number": 9})
    assert (missing.status_code, missing.json()["code"]) == (404, "template_version_not_found")
    told = await graph(
        "mutation ($id: ID!) { restoreTemplate(id: $id, number: 2) { version body } }", {"id": template["id"]}
    )
    assert told["data"]["restoreTemplate"] == {"version": 4, "body": "Hello"}
    told = await graph(
        "query ($id: ID!) { templateVersions(templateId: $id) { edges { node { number createdBy } } } }",
        {"id": template["id"]},
    )
    assert [edge["node"]["number"] for edge in told["data"]["templateVersions"]["edges"]] == [1, 2, 3, 4]


async def test_a_preview_comes_as_text_or_as_a_letter(api: httpx.AsyncClient, graph: Graph) -> None:
    wanted = {"key": "formal_letter", "channel": "letter", "locale": "zh-CN", "new_due_days": 14}
    shown = await api.post("/v1/templates/preview", json=wanted)
    assert shown.status_code == 200
    preview = shown.json()
    assert (preview["subject"], preview["template_id"], preview["warnings"]) == (
        "催款函",
        "shipped:formal_letter@zh-CN",
        [],
    )
    assert "2026年1月19日" in preview["body"]
    file = await api.post("/v1/templates/preview", json=wanted, headers={"Accept": "application/pdf"})
    assert (file.status_code, file.headers["content-type"], file.content[:5]) == (200, "application/pdf", b"%PDF-")
    neither = await api.post("/v1/templates/preview", json=wanted, headers={"Accept": "image/png"})
    assert neither.status_code == 406
    wrong = await api.post("/v1/templates/preview", json={"body": "{{ nope }}", "subject": "s"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/body")
    told = await graph(
        "query ($input: PreviewTemplateInput!) { previewTemplate(input: $input, pdf: true) { subject length pdfBase64 } }",
        {"input": {"key": "formal_letter", "channel": "letter", "locale": "zh-CN"}},
    )
    assert told["data"]["previewTemplate"]["subject"] == "催款函"
    assert told["data"]["previewTemplate"]["pdfBase64"].startswith("JVBERi0")
