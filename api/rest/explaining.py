"""/v1/receivables/{id}/explain."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath

from api.authentication import tenant_context
from api.rest.cases import Texts, Words
from domain.dunning import explaining
from domain.dunning.timeline_model import ReceivableExplanation


@get(
    "/receivables/{receivable_id:str}/explain",
    use_case=explaining.explain_receivable,
    operation_id="ExplainReceivable",
)
async def explain_receivable(
    request: Request[Any, Any, Any], receivable_id: FromPath[str], texts: Texts = False, locale: Words = None
) -> ReceivableExplanation:
    """Read by which plan a receivable is reminded, what comes next and when, and everything that is in the way."""
    return await explaining.explain_receivable(tenant_context(request), receivable_id, texts=texts, locale=locale)


ROUTES = [explain_receivable]
