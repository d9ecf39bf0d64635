"""A client of the public REST API, as an integrator would write it: a token, retries with one key, pages, operations."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import aiohttp

ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.1
POLL_SECONDS = 0.015
LONGEST_POLL_SECONDS = 0.2
OPERATION_SECONDS = 600.0
RENEW_BEFORE_SECONDS = 60.0
PAGE = 200


class ApiError(RuntimeError):
    """The API refused a request: the problem's code and what it said."""

    def __init__(self, method: str, path: str, status: int, problem: Any) -> None:
        super().__init__(f"{method} {path} answered {status}: {problem}")
        self.status = status
        self.code = problem.get("code") if isinstance(problem, dict) else None


class OperationFailedError(RuntimeError):
    """Work that was accepted did not succeed, or not with every row."""


class Client:
    """One OAuth client's view of the API."""

    def __init__(self, base_url: str, client_id: str, client_secret: str) -> None:
        self.base_url = base_url
        self._basic = {"Authorization": aiohttp.encode_basic_auth(client_id, client_secret)}
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16))
        self._token = ""
        self._renew_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def access_token(self) -> str:
        """A token that is good for a while."""
        if time.monotonic() >= self._renew_at:
            form = {"grant_type": "client_credentials"}
            url = f"{self.base_url}/oauth/token"
            async with self._session.post(url, data=form, headers=self._basic) as answer:
                granted = await answer.json(content_type=None)
                if answer.status != 200:
                    raise ApiError("POST", "/oauth/token", answer.status, granted)
            self._token = granted["access_token"]
            self._renew_at = time.monotonic() + float(granted["expires_in"]) - RENEW_BEFORE_SECONDS
        return self._token

    async def get(self, path: str, **query: str) -> Any:
        """Read one thing."""
        return await self._request("GET", path, query=query)

    async def post(self, path: str, body: Any) -> Any:
        """Create something; the same key at every attempt makes sure that it is created once."""
        return await self._request("POST", path, json=body)

    async def put(self, path: str, body: Any) -> Any:
        """Create or replace something."""
        return await self._request("PUT", path, json=body)

    async def patch(self, path: str, body: Any) -> Any:
        """Change something."""
        return await self._request("PATCH", path, json=body)

    async def upload(self, path: str, csv: str, **query: str) -> Any:
        """Post a CSV file."""
        return await self._request("POST", path, query=query, data=csv.encode(), content_type="text/csv; charset=utf-8")

    async def list(self, path: str, **query: str) -> AsyncIterator[Any]:
        """Every object of a list, page after page."""
        query = {**query, "limit": str(PAGE)}
        while True:
            page = await self.get(path, **query)
            for one in page["data"]:
                yield one
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    async def finished(self, operation: Any) -> Any:
        """Wait for an operation; raises OperationFailedError unless all of it succeeded."""
        deadline, pause = time.monotonic() + OPERATION_SECONDS, POLL_SECONDS
        path = f"/v1/operations/{operation['id']}"
        while operation["state"] in ("pending", "running"):
            if time.monotonic() > deadline:
                raise OperationFailedError(f"{operation['kind']} {operation['id']} does not finish: {operation}")
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, LONGEST_POLL_SECONDS)
            operation = await self.get(path)
        if operation["state"] == "failed" or operation["progress"]["failed"]:
            errors = [error async for error in self.list(f"{path}/errors")]
            raise OperationFailedError(f"{operation['kind']} failed: {operation['error']} {errors[:5]}")
        return operation

    async def _request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        json: Any = None,
        data: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """Busy, rate-limited and broken connections are tried again; everything else that is not 2xx is raised."""
        headers = {} if method == "GET" else {"Idempotency-Key": str(uuid.uuid4())}
        if data is not None:
            headers["Content-Type"] = content_type
        for attempt in range(1, ATTEMPTS + 1):
            headers["Authorization"] = f"Bearer {await self.access_token()}"
            pause = FIRST_PAUSE_SECONDS * 2**attempt
            try:
                url = f"{self.base_url}{path}"
                async with self._session.request(
                    method, url, params=query, json=json, data=data, headers=headers
                ) as answer:
                    body = await answer.json(content_type=None) if answer.content_length != 0 else None
                    if answer.status < 400:
                        return body
                    if answer.status not in (409, 429, 503) or attempt == ATTEMPTS:
                        raise ApiError(method, path, answer.status, body)
                    pause = float(answer.headers.get("Retry-After", pause))
            except aiohttp.ClientConnectionError:
                if attempt == ATTEMPTS:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")
