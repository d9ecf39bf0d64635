"""Which clients make sense: what their type, way of authenticating, grants, addresses and keys must have to do with each other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from domain.access.model import AuthMethod, ClientType, GrantType
from domain.access.rules.redirect_uris import redirect_uri_fault
from domain.kernel.errors import FieldError, InvalidInput

_MOST_KEYS = 10
_SMALLEST_RSA_BITS = 2048


def check_client(
    *,
    type: ClientType,
    auth_method: AuthMethod,
    redirect_uris: list[str],
    grant_types: list[GrantType],
    scopes: list[str],
    jwks: dict[str, Any] | None,
    grantable: Collection[str],
) -> None:
    """Raises InvalidInput naming every place that is wrong."""
    faults = [
        *_scope_faults(scopes, grantable),
        *_uri_faults(redirect_uris, grant_types),
        *_method_faults(type, auth_method, grant_types),
        *_key_faults(auth_method, jwks),
    ]
    if faults:
        raise InvalidInput("invalid_input", faults[0].detail, tuple(faults))


def _scope_faults(scopes: list[str], grantable: Collection[str]) -> list[FieldError]:
    return [
        FieldError(f"/scopes/{n}", "scope_not_grantable", f"There is no scope {scope!r} that the caller could give.")
        for n, scope in enumerate(scopes)
        if scope not in grantable
    ]


def _uri_faults(redirect_uris: list[str], grant_types: list[GrantType]) -> list[FieldError]:
    faults = [
        FieldError(f"/redirect_uris/{n}", "invalid_redirect_uri", fault)
        for n, uri in enumerate(redirect_uris)
        if (fault := redirect_uri_fault(uri)) is not None
    ]
    if "authorization_code" in grant_types and not redirect_uris:
        faults.append(FieldError("/redirect_uris", "missing_redirect_uri", "authorization_code needs a redirect URI."))
    return faults


def _method_faults(type: ClientType, auth_method: AuthMethod, grant_types: list[GrantType]) -> list[FieldError]:
    faults = []
    if (type == "public") != (auth_method == "none"):
        detail = "A public client authenticates itself by `none`, a confidential one never does."
        faults.append(FieldError("/auth_method", "auth_method_mismatch", detail))
    if type == "public" and set(grant_types) & {"client_credentials", "token_exchange"}:
        detail = "A client without credentials of its own can only act for a user."
        faults.append(FieldError("/grant_types", "grant_type_needs_credentials", detail))
    if "refresh_token" in grant_types and "authorization_code" not in grant_types:
        faults.append(FieldError("/grant_types", "refresh_needs_code", "refresh_token comes with authorization_code."))
    return faults


def _key_faults(auth_method: AuthMethod, jwks: dict[str, Any] | None) -> list[FieldError]:
    if auth_method != "private_key_jwt":
        unwanted = FieldError("/jwks", "unexpected_jwks", "Only private_key_jwt takes keys.")
        return [] if jwks is None else [unwanted]
    if jwks is not None and _are_public_keys(jwks):
        return []
    detail = f"private_key_jwt takes a JWKS of 1 to {_MOST_KEYS} public EC, OKP or RSA (2048 bits or more) keys."
    return [FieldError("/jwks", "invalid_jwks", detail)]


def _are_public_keys(jwks: dict[str, Any]) -> bool:
    listed = jwks.get("keys")
    if not isinstance(listed, list) or not 1 <= len(listed) <= _MOST_KEYS or set(jwks) != {"keys"}:
        return False
    try:
        keys = KeySet.import_key_set({"keys": listed}).keys
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return False
    return all(_is_good(key) for key in keys)


def _is_good(key: Any) -> bool:
    if key.is_private or not isinstance(key, ECKey | OKPKey | RSAKey):
        return False
    return not isinstance(key, RSAKey) or key.public_key.key_size >= _SMALLEST_RSA_BITS
