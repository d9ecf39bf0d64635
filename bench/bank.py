"""A bank statement from upload to matched lines against a tenant's open receivables; and its memory."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import uvloop

from bench.harness import Figure, a_live_tenant, open_database
from bench.importing import client_context, import_file, sent
from bench.measuring import Measured, measured, peak_megabytes
from cli.servers import ServerUrls
from domain.access.profile import engine_context
from domain.banking.model import StatementFormat
from domain.banking.reading import run_reading
from domain.banking.uploading import upload_bank_statement
from domain.operations import work as operations
from domain.operations.operations import get_operation
from domain.storage.engine import DB
from domain.storage.sealing import Sealer, install_sealer, new_key_text

LINES, SMALL = 50_000, 5_000
MOST_SECONDS, MOST_GROWTH = 30, 40
_HEADER = "external_id,customer_external_id,number,amount,currency,issued_on,due_on,customer_name\n"


async def run(urls: ServerUrls) -> list[Figure]:
    """One statement of each kind against as many open receivables; memory in processes of their own."""
    secret_key = new_key_text()
    async with open_database(urls, secret_key):
        tenant, _ = await a_live_tenant()
        await import_file(tenant.id, sent(_receivables()))
        figures = [await _speed(urls, tenant.id, kind) for kind in ("mt940", "camt053")]
        small, large = [await _peak_elsewhere(urls, secret_key, tenant.id, lines) for lines in (SMALL, LINES)]
    growth = large - small
    how = f"peak of a process of its own: {large:.0f} MB, where {SMALL:,} lines need {small:.0f} MB"
    flat = Figure(f"memory more for {LINES:,} lines", growth, "MB", f"< {MOST_GROWTH}", growth < MOST_GROWTH, how)
    return [*figures, flat]


async def _speed(urls: ServerUrls, tenant_id: str, kind: StatementFormat) -> Figure:
    pieces = list(_statement(kind, LINES, f"speed-{kind}"))

    async def work() -> int:
        return await _read(tenant_id, kind, pieces)

    took: Measured = await measured(urls, work)
    how = f"by the clock, {took.count:,} of {LINES:,} lines proposed, {LINES:,} receivables open"
    limit = f"< {MOST_SECONDS}"
    return Figure(f"{kind} of {LINES:,} lines", took.seconds, "seconds", limit, took.seconds < MOST_SECONDS, how)


async def _read(tenant_id: str, kind: StatementFormat, pieces: Iterator[bytes] | list[bytes]) -> int:
    """How many lines were proposed; raises RuntimeError unless most were."""
    started = await upload_bank_statement(await client_context(tenant_id), format=kind, chunks=sent(pieces))
    engine = await engine_context(tenant_id)
    claimed = await operations.claim(engine, started.id)
    assert claimed is not None
    await run_reading(engine, claimed)
    finished = await get_operation(await client_context(tenant_id), started.id)
    proposed: int = finished.result.get("states", {}).get("proposed", 0)
    if finished.state != "succeeded" or proposed < 0.9 * finished.progress.processed:
        raise RuntimeError(f"not everything was matched: {finished}")
    return proposed


async def _peak_elsewhere(urls: ServerUrls, secret_key: str, tenant_id: str, lines: int) -> float:
    """The peak memory, in MB, of a fresh process that reads a statement."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(processes, _peak_of_reading, urls.database_url, secret_key, tenant_id, lines)


def _peak_of_reading(database_url: str, secret_key: str, tenant_id: str, lines: int) -> float:
    async def work() -> None:
        install_sealer(Sealer.from_text(secret_key))
        await DB.open(database_url, max_connections=2)
        await _read(tenant_id, "camt053", _statement("camt053", lines, f"memory{lines}"))
        await DB.close()

    uvloop.run(work())
    return peak_megabytes()


def _receivables() -> Iterator[bytes]:
    yield _HEADER.encode()
    for n in range(LINES):
        yield (
            f"b-{n},C{n // 10},INV-2026-{n:06},{100 + n % 9000}.{n % 100:02},EUR,2026-01-01,2026-02-01,Customer {n // 10}\n"
        ).encode()


def _statement(kind: StatementFormat, lines: int, name: str) -> Iterator[bytes]:
    """A statement in which every payer names the number and pays what is open."""
    if kind == "mt940":
        yield f":20:S\n:25:{name}\n:28C:1/1\n:60F:C260101EUR0,00\n".encode()
    else:
        yield (
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>1</Id>'
            f"<Acct><Id><Othr><Id>{name}</Id></Othr></Id><Ccy>EUR</Ccy></Acct>"
        ).encode()
    for n in range(lines):
        whole, cents = 100 + n % 9000, f"{n % 100:02}"
        if kind == "mt940":
            yield (
                f":61:2601050105C{whole},{cents}NTRFNONREF//{name}{n}\n"
                f":86:166?20EREF+E{n}?21SVWZ+Rechnung INV-2026-?22{n:06} danke?31DE{n:020}?32Customer {n // 10}\n"
            ).encode()
        else:
            yield (
                f'<Ntry><Amt Ccy="EUR">{whole}.{cents}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt>'
                f"<Dt>2026-01-05</Dt></BookgDt><AcctSvcrRef>{name}{n}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr>"
                f"<Nm>Customer {n // 10}</Nm></Dbtr><DbtrAcct><Id><IBAN>DE{n:020}</IBAN></Id></DbtrAcct></RltdPties>"
                f"<RmtInf><Ustrd>Rechnung INV-2026-{n:06} danke</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
            ).encode()
    yield b":62F:C260131EUR0,00\n" if kind == "mt940" else b"</Stmt></BkToCstmrStmt></Document>"
