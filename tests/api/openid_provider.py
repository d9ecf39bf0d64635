"""A small OpenID provider for the tests, which checks what it is sent and can be told to misbehave."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from domain.kernel.clock import SystemClock

CLIENT, SECRET, CODE = "dunwell-at-acme", "the provider's secret", "one-code"


class Provider:
    """`wrong` are claims that replace the right ones; `header` and `key` sign instead of the right ones."""

    def __init__(self) -> None:
        self.published = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": "k1"})
        self.key: ECKey | OctKey = self.published
        self.issuer = self.says_issuer = ""
        self.wrong: dict[str, Any] = {}
        self.unsigned = self.huge = False
        self.asked: dict[str, str] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application."""
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        body = (await receive()).get("body", b"").decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status, answer, more = self._answer(scope["path"], query, form, headers)
        raw = msgspec.json.encode(answer)
        sent = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode()), *more]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": raw})

    def _answer(self, path: str, query: dict[str, str], form: dict[str, str], headers: dict[str, str]) -> Any:
        match path:
            case "/.well-known/openid-configuration":
                at = {f"{n}_endpoint": f"{self.issuer}/{n}" for n in ("authorization", "token")}
                about = {"issuer": self.says_issuer, **at, "jwks_uri": f"{self.issuer}/keys"}
                return 200, {**about, "padding": "x" * (300_000 if self.huge else 0)}, []
            case "/keys":
                return 200, {"keys": [self.published.as_dict(private=False)]}, []
            case "/authorization":
                assert (query["response_type"], query["client_id"]) == ("code", CLIENT)
                assert (query["code_challenge_method"], query["scope"]) == ("S256", "openid email")
                self.asked = query
                back = f"{query['redirect_uri']}?{urlencode({'code': CODE, 'state': query['state']})}"
                return 302, {}, [(b"location", back.encode())]
            case "/token":
                return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self._token(form, headers)}, []
        return 404, {}, []

    def _token(self, form: dict[str, str], headers: dict[str, str]) -> str:
        basic = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode()
        assert basic == f"{CLIENT}:{SECRET}"
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.asked["code_challenge"]
        assert (form["code"], form["redirect_uri"]) == (CODE, self.asked["redirect_uri"])
        now = int(SystemClock().now().timestamp())
        right = {"iss": self.issuer, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + 300}
        right |= {"nonce": self.asked["nonce"], "email": "Li.Na@acme.example", "email_verified": True}
        claims = {name: value for name, value in {**right, **self.wrong}.items() if value is not None}
        if self.unsigned:
            parts = (msgspec.json.encode(part) for part in ({"alg": "none"}, claims))
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
        header = {"alg": "HS256" if self.key.key_type == "oct" else "ES256", "kid": "k1"}
        return jwt.encode(header, claims, self.key)
