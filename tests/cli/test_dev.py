"""`dunwell dev` as a developer meets it: it starts, its files work, it stops, and finds everything again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from cli.development.state import DevFolder
from cli.processes import free_port
from cli.servers import EmbeddedServers, stable_directory
from tests.api.oauth_flows import ACCESS_TOKEN, EXCHANGE
from tests.api.signing_in import token_in
from tests.contract.oauth_judge import EVERY_FLOW, has_oauth4webapi, judged_by_oauth4webapi

ROOT = Path(__file__).parents[2]
EMBEDDED = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A folder to run in; its servers are gone afterwards, whatever happened."""
    yield tmp_path
    directory = data_of(tmp_path)
    EmbeddedServers(directory, environ={}).stop()
    shutil.rmtree(directory, ignore_errors=True)


def data_of(checkout: Path) -> Path:
    """Where the servers of a checkout that ran keep their data."""
    return stable_directory(checkout, DevFolder(checkout / ".dev").secret_key())


@contextmanager
def running_dev(checkout: Path, stop_by: signal.Signals) -> Iterator[str]:
    """Runs until the block ends; yields what it printed when it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "cli.main", "dev", "--port", str(free_port())],
        cwd=checkout,
        env={**EMBEDDED, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        assert "Ctrl-C stops everything" in printed, printed
        yield printed
    finally:
        process.send_signal(stop_by)
        try:
            rest, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, rest
    assert "Stopped; the data is kept" in rest


def environment_of(checkout: Path) -> dict[str, str]:
    """What a script that sources the file gets."""
    names = (
        "$BASE_URL $CLIENT_ID $CLIENT_SECRET $TENANT_ID $ACCESS_TOKEN $PLATFORM_CLIENT_ID $PLATFORM_CLIENT_SECRET"
        " $APP_CLIENT_ID $USER_EMAIL $USER_PASSWORD"
    )
    command = f". .dev/dev.env && printf '%s\\n' {names}"
    values = subprocess.run(["sh", "-c", command], cwd=checkout, capture_output=True, text=True, check=True).stdout
    return dict(zip(names.replace("$", "").split(), values.splitlines(), strict=True))


async def ask(environment: dict[str, str], path: str) -> Any:
    headers = {"Authorization": f"Bearer {environment['ACCESS_TOKEN']}"}
    async with aiohttp.ClientSession(environment["BASE_URL"], headers=headers) as session:
        async with session.get(path) as answer:
            assert answer.status == 200
            return await answer.json()


async def test_it_can_be_used_stopped_and_found_again(checkout: Path) -> None:
    with running_dev(checkout, signal.SIGINT) as printed:
        first = environment_of(checkout)
        assert first["BASE_URL"] in printed
        assert (await ask(first, "/v1/clock"))["kind"] == "test"
        curls = [line.strip() for line in printed.splitlines() if line.strip().startswith("curl ")]
        assert len(curls) == 3
        for curl in curls:
            done = subprocess.run(
                ["sh", "-c", f". .dev/dev.env; {curl} --fail --silent"], cwd=checkout, capture_output=True, check=False
            )
            assert done.returncode == 0, curl
        assert (await ask(first, "/v1/customers/external/C1"))["name"] == "蓝海贸易"
        await a_preset_reminds_without_further_ado(first)
        await a_platform_acts_for_its_tenant(first)
        await oauth4webapi_signs_a_user_in(first)
        for name in ("dev.env", "credentials.json", "secret_key"):
            assert (checkout / ".dev" / name).stat().st_mode & 0o077 == 0
        assert (checkout / ".dev" / ".gitignore").read_text() == "*\n"
    assert_nothing_runs(checkout)

    with running_dev(checkout, signal.SIGTERM):
        second = environment_of(checkout)
        assert [second[name] for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")] == [
            first[name] for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")
        ]
        assert (await ask(second, "/v1/customers/external/C1"))["name"] == "蓝海贸易"
        refused = subprocess.run(
            [sys.executable, "-m", "cli.main", "dev"],
            cwd=checkout,
            env={**EMBEDDED, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (refused.returncode, "runs here already" in refused.stderr) == (1, True)
    assert_nothing_runs(checkout)


async def a_preset_reminds_without_further_ado(environment: dict[str, str]) -> None:
    """A receivable is all it takes: the plan that comes with Dunwell is published and everybody's."""
    headers = {"Authorization": f"Bearer {environment['ACCESS_TOKEN']}"}
    today = (await ask(environment, "/v1/clock"))["now"][:10]
    async with aiohttp.ClientSession(environment["BASE_URL"], headers=headers) as session:
        debt = {"customer_external_id": "C1", "number": "INV-1", "amount": {"amount": "1.00", "currency": "CNY"}}
        async with session.post("/v1/receivables", json={**debt, "issued_on": today, "due_on": today}) as answer:
            assert answer.status == 201, await answer.text()
            receivable = await answer.json()
    plan = (await ask(environment, f"/v1/receivables/{receivable['id']}/effective-plan"))["winner"]
    assert (plan["source"], plan["version"]) == ("default", 1)
    assert plan["plan_name"].startswith("标准")


async def a_platform_acts_for_its_tenant(environment: dict[str, str]) -> None:
    """The way in of a CRM: its own token becomes one of its tenant's."""
    basic = aiohttp.encode_basic_auth(environment["PLATFORM_CLIENT_ID"], environment["PLATFORM_CLIENT_SECRET"])
    async with aiohttp.ClientSession(environment["BASE_URL"], headers={"Authorization": basic}) as session:
        async with session.post("/oauth/token", data={"grant_type": "client_credentials"}) as answer:
            own = (await answer.json())["access_token"]
        form = {"grant_type": EXCHANGE, "subject_token": own, "subject_token_type": ACCESS_TOKEN}
        async with session.post("/oauth/token", data={**form, "audience": environment["TENANT_ID"]}) as answer:
            assert answer.status == 200, await answer.text()
            token = (await answer.json())["access_token"]
    assert (await ask({**environment, "ACCESS_TOKEN": token}, "/v1/clock"))["kind"] == "test"


async def oauth4webapi_signs_a_user_in(environment: dict[str, str]) -> None:
    """A program that nobody here wrote goes through every flow; the pages are filled in as a person would."""
    if not has_oauth4webapi():
        return

    async def signs_in(authorize: str) -> str:
        async with httpx.AsyncClient(base_url=environment["BASE_URL"], follow_redirects=True) as browser:
            page = await browser.get(authorize)
            person = {"email": environment["USER_EMAIL"], "password": environment["USER_PASSWORD"]}
            page = await browser.post("/oauth/sign-in", data={**person, "form_token": token_in(page.text)})
            allow = {"answer": "allow", "form_token": token_in(page.text)}
            back = await browser.post("/oauth/sign-in/consent", data=allow, follow_redirects=False)
            return back.headers["location"]

    passed = await judged_by_oauth4webapi(
        signs_in,
        issuer=environment["BASE_URL"],
        base=environment["BASE_URL"],
        machine=(environment["CLIENT_ID"], environment["CLIENT_SECRET"]),
        app_id=environment["APP_CLIENT_ID"],
        callback="http://127.0.0.1:7777/callback",
    )
    assert passed == EVERY_FLOW


def assert_nothing_runs(checkout: Path) -> None:
    """No process of ours is left, neither a server nor one of the project's."""
    marks = (str(data_of(checkout)), f"PWD={checkout}")
    deadline = time.monotonic() + 5
    while left := [mark for mark in marks if _runs(mark)]:
        assert time.monotonic() < deadline, left


def _runs(mark: str) -> bool:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in told.replace(b"\0", b"\n") and int(process.name) != os.getpid():
            return True
    return False
