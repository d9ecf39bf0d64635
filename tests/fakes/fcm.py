"""Firebase Cloud Messaging with Google's token endpoint; the assertion is checked with the account's public key."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.serving import Script

PROJECT, ACCOUNT = "dunwell-app", "push@dunwell-app.iam.gserviceaccount.com"


@cache
def private_key() -> RSAPrivateKey:
    """The service account's key."""
    return generate_private_key(65537, 2048)


def private_key_pem() -> str:
    """The same as in the account's file."""
    return private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass(slots=True)
class FakeFcm:
    """`errors` are answered by registration token: status, code, and Google's own status."""

    errors: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    script: Script = field(default_factory=Script)
    token_script: Script = field(default_factory=Script)
    tokens: list[str] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    pushed: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> web.Application:
        """Both servers in one."""
        app = web.Application()
        app.router.add_post("/token", self._token)
        app.router.add_post("/v1/projects/{project}/messages:send", self._send)
        return app

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        audience = f"http://{request.host}/token"
        return await self.token_script.answer(request, lambda: self._new_token(dict(form), audience))

    def _new_token(self, form: dict[str, Any], audience: str) -> web.Response:
        claims = _claims_of(form["assertion"])
        good = form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" and claims is not None
        if not good or claims is None or claims["aud"] != audience or claims["iss"] != ACCOUNT:
            return web.json_response({"error": "invalid_grant", "error_description": "Invalid JWT."}, status=400)
        assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
        assert claims["iat"] <= time.time() < claims["exp"] <= claims["iat"] + 3600
        self.tokens.append(f"ya29.{len(self.tokens) + 1}")
        return web.json_response({"access_token": self.tokens[-1], "expires_in": 3599, "token_type": "Bearer"})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        raw, body = await request.read(), await request.json()
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        return await self.script.answer(
            request, lambda: self._push(request.match_info["project"], bearer, raw, body["message"])
        )

    def _push(self, project: str, bearer: str, raw: bytes, message: dict[str, Any]) -> web.Response:
        if bearer not in self.tokens or bearer in self.revoked:
            return self._error(401, "UNAUTHENTICATED", "UNAUTHENTICATED")
        if project != PROJECT:
            return self._error(404, "", "NOT_FOUND")
        if message["token"] in self.errors:
            return self._error(*self.errors[message["token"]])
        if len(raw) > 4096 or not all(isinstance(value, str) for value in message["data"].values()):
            return self._error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")
        self.pushed.append(message)
        return web.json_response({"name": f"projects/{PROJECT}/messages/0:{len(self.pushed)}"})

    def _error(self, status: int, code: str, google: str) -> web.Response:
        kind = "type.googleapis.com/google.firebase.fcm.v1."
        details = [{"@type": f"{kind}ApnsError", "errorCode": "APNS"}, {"@type": f"{kind}FcmError", "errorCode": code}]
        error = {"code": status, "message": f"It is {google}.", "status": google, "details": details if code else []}
        return web.json_response({"error": error}, status=status, headers=self.headers)


def _claims_of(assertion: str) -> dict[str, Any] | None:
    signed, _, signature = assertion.rpartition(".")
    try:
        private_key().public_key().verify(_decoded(signature), signed.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return None
    header, claims = (json.loads(_decoded(part)) for part in signed.split("."))
    assert header["alg"] == "RS256"
    return dict(claims)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
