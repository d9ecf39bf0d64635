"""The closed family of errors that a caller can be told about, each with a stable code.

    DunwellError
     ├─ InvalidInput          the request itself is wrong; names each place by JSON pointer
     ├─ Unauthenticated       no credentials, or none that we accept
     ├─ Forbidden             the credentials do not cover this
     ├─ NotFound              no such object for this tenant
     ├─ Conflict              the object's state does not allow it
     ├─ PreconditionFailed    somebody changed the object since it was read
     ├─ PayloadTooLarge       more than we accept in one request
     └─ TooManyRequests       more requests than the limit allows

Transports map each class once (RFC 9457 problem+json for REST, `extensions` for GraphQL); codes never change.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Conflict",
    "DunwellError",
    "FieldError",
    "Forbidden",
    "InvalidInput",
    "NotFound",
    "PayloadTooLarge",
    "PreconditionFailed",
    "TooManyRequests",
    "Unauthenticated",
]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong place in the input: RFC 6901 pointer (or parameter name), stable code, explanation."""

    pointer: str
    code: str
    detail: str


class DunwellError(Exception):
    """An outcome the caller must handle, told by a stable `code` and a sentence in English."""

    title = "Request refused"

    def __init__(self, code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = errors


class InvalidInput(DunwellError):
    """The input is wrong as it stands; sending it again will not help."""

    title = "Invalid input"

    @classmethod
    def at(cls, pointer: str, code: str, detail: str) -> InvalidInput:
        """One wrong place: `pointer` is an RFC 6901 JSON pointer such as `/amount/currency`."""
        return cls("invalid_input", detail, (FieldError(pointer, code, detail),))


class Unauthenticated(DunwellError):
    """The bearer token is missing, malformed, expired or revoked."""

    title = "Authentication required"


class Forbidden(DunwellError):
    """The token is good but does not cover this operation; `scope` names what it lacks (RFC 6750 section 3.1)."""

    title = "Not allowed"

    def __init__(self, code: str, detail: str, *, scope: str | None = None) -> None:
        super().__init__(code, detail)
        self.scope = scope


class TooManyRequests(DunwellError):
    """More requests than allowed; `retry_after_seconds` says when the next one may be made."""

    title = "Too many requests"

    def __init__(self, code: str, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(code, detail)
        self.retry_after_seconds = retry_after_seconds


class NotFound(DunwellError):
    """No such object for this tenant, which is also what another tenant's object looks like."""

    title = "Not found"

    @classmethod
    def of(cls, noun: str, object_id: str) -> NotFound:
        """`NotFound.of("receivable", id)` has the code `receivable_not_found`."""
        return cls(f"{noun}_not_found", f"There is no {noun.replace('_', ' ')} {object_id!r}.")


class Conflict(DunwellError):
    """The request is well formed, but the state of things does not allow it."""

    title = "Conflict"


class PreconditionFailed(DunwellError):
    """`If-Match` names a version that is no longer the current one."""

    title = "Precondition failed"

    @classmethod
    def stale(cls, current: int) -> PreconditionFailed:
        """The object has moved on to version `current`."""
        return cls("version_mismatch", f'The object has changed; its current ETag is "{current}".')


class PayloadTooLarge(DunwellError):
    """The body is larger than this operation accepts."""

    title = "Payload too large"
