"""Answers that are PDF files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Reference, Schema
from litestar.openapi.spec import Operation as OpenAPIOperation

from api.problems import MEDIA_TYPE

PDF = "application/pdf"
_JSON = "application/json"


@dataclass
class PdfOperation(OpenAPIOperation):
    """An operation that answers nothing but a PDF."""

    def __post_init__(self) -> None:
        self.responses = dict(self.responses or {})
        cast(OpenAPIResponse, self.responses["200"]).content = _file()


@dataclass
class PdfOrJsonOperation(OpenAPIOperation):
    """An operation that answers JSON or, where `Accept` says so, a PDF."""

    def __post_init__(self) -> None:
        responses = self.responses = dict(self.responses or {})
        answer = cast(OpenAPIResponse, responses["200"])
        answer.content = {**(answer.content or {}), **_file()}
        problem = OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))
        responses["406"] = OpenAPIResponse(
            description="`Accept` names none of the media types that this answers.", content={MEDIA_TYPE: problem}
        )


def wants_pdf(request: Request[Any, Any, Any]) -> bool:
    """Whether `Accept` prefers the PDF to JSON; 406 if it takes neither."""
    found = request.accept.best_match([_JSON, PDF])
    if found is None:
        raise HTTPException(f"This answers {_JSON}, {PDF}.", status_code=406)
    return found == PDF


def pdf_answer(content: bytes, name: str, **headers: str) -> Response[bytes]:
    """The file, to be saved under `name`; one beyond ASCII is written as RFC 6266 has it."""
    is_plain = name.isascii() and '"' not in name
    disposition = f'attachment; filename="{name}"' if is_plain else f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=PDF, headers={"Content-Disposition": disposition, **headers})


def _file() -> dict[str, OpenAPIMediaType]:
    return {PDF: OpenAPIMediaType(schema=Schema(type="string", format="binary"))}  # type: ignore[arg-type]
