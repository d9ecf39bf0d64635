"""How a wish for a preview becomes the arguments of its use case."""

from __future__ import annotations

from typing import Any

from api.inputs.templates import PreviewWanted
from domain.messaging.preview import Wanted


def preview_arguments(data: PreviewWanted) -> dict[str, Any]:
    """Which text, and with which data."""
    text = Wanted(
        template_id=data.template_id,
        key=data.key,
        channel=data.channel,
        locale=data.locale,
        tone=data.tone,
        subject=data.subject,
        body=data.body,
    )
    return {
        "wanted": text,
        "receivable_id": data.receivable_id,
        "customer_id": data.customer_id,
        "new_due_days": data.new_due_days,
    }
