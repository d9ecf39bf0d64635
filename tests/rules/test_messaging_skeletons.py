"""Skeletons: whatever the values, a text made from one is the text that the library makes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liquid.exceptions import ResourceLimitError

from domain.messaging.rules.liquid import VARIABLES, compiled, render_body
from domain.messaging.rules.skeletons import Outline
from domain.messaging.shipped import SHIPPED
from tests.rules.test_messaging_liquid import VALUES

NAMES = frozenset(VARIABLES)
_VALUES = st.fixed_dictionaries(
    {
        name: st.sampled_from(["", "0", "1", "2", "12", "{{ amount }}", "¥ 1.299,00", "a\nb", "true", "nil"])
        for name in VARIABLES
    }
)
_OUTPUTS = st.sampled_from(
    [
        "{{ number }}",
        "{{ count }}",
        "{{amount}}",
        "{{- due_on -}}",
        "{{ company_name | upcase }}",
        "{{ contact_name | default: number }}",
        " x ",
    ]
)
_BLOCKS = st.sampled_from(
    [
        '{{% if count == "1" %}}{0}{{% else %}}{1}{{% endif %}}',
        "{{% unless days_overdue %}}{0}{{% endunless %}}{1}",
        '{{% case disputed_amount %}}{{% when "" %}}{0}{{% else %}}{1}{{% endcase %}}',
        "{{% if amount contains number %}}{0}{{% elsif due_on %}}{1}{{% endif %}}",
        "{0}{1}",
        "{{% comment %}}{0}{{% endcomment %}}{1}",
    ]
)
_TEMPLATES = st.recursive(
    _OUTPUTS, lambda part: st.builds(lambda block, a, b: block.format(a, b), _BLOCKS, part, part), max_leaves=6
)


@given(_TEMPLATES, st.lists(_VALUES, min_size=1, max_size=4))
def test_a_text_from_a_skeleton_is_what_the_library_makes(source: str, recipients: list[dict[str, str]]) -> None:
    outline = Outline(compiled(source), NAMES)
    for values in recipients:
        assert outline.text(values, 20_000) == compiled(source).render(values)


@pytest.mark.parametrize("text", SHIPPED.values())
def test_a_shipped_text_is_what_the_library_makes(text: tuple[str, str]) -> None:
    for source in filter(None, text):
        for values in (VALUES, {**VALUES, "count": "3", "disputed_amount": "CNY 5"}):
            assert Outline(compiled(source), NAMES).text(values, 20_000) == compiled(source).render(values)


def test_more_kinds_of_recipients_than_are_kept() -> None:
    outline = Outline(compiled('{% if number == "7" %}{{ number }}{% else %}{{ amount }}{% endif %}'), NAMES)
    values = dict.fromkeys(VARIABLES, "x")
    assert [outline.text({**values, "number": str(n)}, 100) for n in range(1000)].count("7") == 1


def test_a_long_value_is_refused_as_by_the_library() -> None:
    values = {**VALUES, "customer_name": "界" * 7_000}
    with pytest.raises(ResourceLimitError):
        Outline(compiled("{{ customer_name }}"), NAMES).text(values, 20_000)
    assert len(render_body("{{ customer_name }}", {**VALUES, "customer_name": "界" * 6_000}).encode()) > 18_000
