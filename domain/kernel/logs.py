"""Structured logs: one JSON object a line, with the request's, tenant's and case's ids wherever they are known."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from domain.kernel.pii import mask_text


def without_addresses(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Masks e-mail addresses in every text of a line: no line has one by intention, but an exception may quote anything."""
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = mask_text(value)
    return line


def configure_logs(level: str) -> None:
    """Makes every logger of the process write JSON lines to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_addresses,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Strawberry logs every refused query as an error, with the query; refusals are the caller's business.
    logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)
    # arq tells of every tick; our passes tell of those that found something.
    logging.getLogger("arq").setLevel(logging.WARNING)
