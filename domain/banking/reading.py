"""Reads an uploaded file of bank statements; run by workers, never by a caller.

The whole file is read once before anything is stored, so a file that is cut off or wrong anywhere leaves nothing behind. Then it
is stored in batches, each one transaction with the position up to which it is done: a killed worker's successor goes on there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from asyncpg import UniqueViolationError

from domain.banking import line_store, statement_store
from domain.banking.file_items import items_of
from domain.banking.matching import matched
from domain.banking.model import BankStatementLine
from domain.banking.rules.lines import Closed, Movement, Opened, StatementRefused
from domain.events.log import emit
from domain.events.model import NewEvent
from domain.files.records import FileRefused
from domain.importing.source import drop_chunks
from domain.kernel.context import Context
from domain.kernel.ids import new_id
from domain.operations import work as operations
from domain.operations.model import ClaimedOperation, OperationError, OperationFailure
from domain.storage.transaction import sql, transaction

BATCH = 1000
_TRIES = 5
_MOST_STATEMENTS = 10_000
_MOST_WARNINGS = 100
Numbered = tuple[int, int, Movement]


class _TakenOver(Exception):
    """Another worker goes on with this operation, because our lease ran out."""


async def run_reading(ctx: Context, claimed: ClaimedOperation) -> None:
    """Reads the file of a claimed operation from where it stands to its end."""
    work = _Reading(ctx, claimed)
    failure: OperationFailure | None = None
    errors: list[OperationError] = []
    try:
        try:
            await work.check()
        except FileRefused as refused:
            failure = OperationFailure(code=refused.code, detail=refused.detail)
            line = refused.line if isinstance(refused, StatementRefused) else 1
            errors = [OperationError(line=line, column="", code=refused.code, detail=refused.detail, value="")]
        else:
            await work.store()
        await work.finish(failure, errors)
    except _TakenOver:
        return


class _Reading:
    """One file on its way."""

    def __init__(self, ctx: Context, claimed: ClaimedOperation) -> None:
        self.ctx, self.claimed, self.id = ctx, claimed, claimed.id
        self.progress, self.position = claimed.progress, claimed.position
        self.statements: list[dict[str, Any]] = []
        self.statement_ids: list[str] = []
        self.seen: Counter[int] = Counter()

    async def check(self) -> None:
        """Reads all of it and keeps what its statements say of themselves; raises FileRefused."""
        total, count = Decimal(0), 0
        async for items in items_of(self.ctx, self.claimed):
            for item in items:
                if isinstance(item, Opened):
                    total, count = item.opening_balance or Decimal(0), 0
                    self.statements.append({"opened": item})
                    if len(self.statements) > _MOST_STATEMENTS:
                        raise FileRefused("too_many_statements", f"A file has at most {_MOST_STATEMENTS} statements.")
                elif isinstance(item, Movement):
                    total, count = total + item.signed, count + 1
                else:
                    self.statements[-1].update(closed=item, total=total, count=count)
        if not self.statements:
            raise FileRefused("empty_file", "There is no statement in the file.")

    async def store(self) -> None:
        """Every batch that is not done yet."""
        async with transaction(self.ctx):
            await self._hold()
            await statement_store.add(self.ctx, [self._row(n, told) for n, told in enumerate(self.statements)])
            self.statement_ids = await statement_store.of_operation(self.ctx, self.id)
        waiting: list[Numbered] = []
        statement, number, passed = -1, 0, 0
        async for items in items_of(self.ctx, self.claimed):
            for item in items:
                if isinstance(item, Opened):
                    statement, number = statement + 1, 0
                elif isinstance(item, Movement):
                    number, passed = number + 1, passed + 1
                    waiting.append((statement, number, item))
                if len(waiting) == BATCH:
                    await self._batch(waiting, passed)
                    waiting = []
        if waiting:
            await self._batch(waiting, passed)

    async def _batch(self, lines: Sequence[Numbered], passed: int) -> None:
        """Stores a batch that ends with the file's line `passed`, unless it was stored before."""
        prints = [self._fingerprint(statement, movement) for statement, _, movement in lines]
        done = len(lines) - max(0, passed - self.position)
        if done >= len(lines):
            return
        lines, prints = lines[max(done, 0) :], prints[max(done, 0) :]
        for left in reversed(range(_TRIES)):
            try:
                await self._store(lines, prints)
            except UniqueViolationError:
                # Another file with the same lines is being read: look again.
                if not left:
                    raise
            else:
                return

    async def _store(self, lines: Sequence[Numbered], prints: Sequence[bytes]) -> None:
        async with transaction(self.ctx):
            await self._hold()
            known = await line_store.known(self.ctx, prints)
            new = [(self._line(*one), p) for one, p in zip(lines, prints, strict=True) if p not in known]
            await line_store.add(self.ctx, await matched(self.ctx, [line for line, _ in new]), [p for _, p in new])
            progress = replace(
                self.progress,
                processed=self.progress.processed + len(lines),
                created=self.progress.created + len(new),
                unchanged=self.progress.unchanged + len(lines) - len(new),
            )
            await operations.advance(self.ctx, self.id, progress, self.position + len(lines))
        self.progress = progress
        self.position += len(lines)

    async def finish(self, failure: OperationFailure | None, errors: list[OperationError]) -> None:
        """Ends the operation and tells so."""
        async with transaction(self.ctx):
            await self._hold()
            await drop_chunks(self.ctx, self.id)
            await operations.add_errors(self.ctx, self.id, 0, errors)
            result = {} if failure else await self._result()
            await operations.finish(self.ctx, self.id, result=result, failure=failure)
            operation = await operations.find(self.ctx, self.id)
            emit(self.ctx, NewEvent("bank_statement.read", self.id, {"operation": operation}))

    async def _result(self) -> dict[str, Any]:
        states = await sql(self.ctx).fetch(
            "select l.state, count(*) as n from bank_statements s join bank_statement_lines l"
            " on l.tenant_id = s.tenant_id and l.statement_id = s.id"
            " where s.tenant_id = $1 and s.operation_id = $2 group by 1",
            self.ctx.tenant_id,
            self.id,
        )
        warnings = [
            {"code": "balance_mismatch", "statement_id": self.statement_ids[n]}
            for n, told in enumerate(self.statements)
            if _mismatch(told)
        ]
        return {
            "lines": self.progress.processed,
            "duplicates": self.progress.unchanged,
            "statements": len(self.statements),
            "states": {row["state"]: row["n"] for row in states},
            "warnings": warnings[:_MOST_WARNINGS],
        }

    async def _hold(self) -> None:
        """Makes sure, until the transaction ends, that nobody else goes on with this operation."""
        position = await sql(self.ctx).fetchval(
            "select position from operations where tenant_id = $1 and id = $2 and state = 'running' for update",
            self.ctx.tenant_id,
            self.id,
        )
        if position != self.position:
            raise _TakenOver

    def _row(self, position: int, told: dict[str, Any]) -> tuple[Any, ...]:
        opened: Opened = told["opened"]
        closed: Closed = told["closed"]
        balances = (opened.opening_balance, closed.closing_balance)
        head = (self.ctx.tenant_id, new_id("bst"), self.id, position, self.claimed.input["format"])
        said = (opened.account, opened.reference, opened.currency, *balances, _mismatch(told), told["count"])
        return (*head, *said, self.ctx.now())

    def _line(self, statement: int, number: int, movement: Movement) -> BankStatementLine:
        now = self.ctx.now()
        ignored = _ignored_reason(movement)
        return BankStatementLine(
            id=new_id("bsl"),
            statement_id=self.statement_ids[statement],
            number=number,
            state="ignored" if ignored else "unmatched",
            direction=movement.direction,
            amount=movement.amount,
            is_reversal=movement.is_reversal,
            booked_on=movement.booked_on,
            value_on=movement.value_on,
            remittance=movement.remittance,
            counterparty_name=movement.counterparty_name,
            counterparty_account=movement.counterparty_account,
            end_to_end_id=movement.end_to_end_id,
            bank_reference=movement.bank_reference,
            suggestions=[],
            ignored_reason=ignored,
            payment_id=None,
            version=1,
            created_at=now,
            updated_at=now,
        )

    def _fingerprint(self, statement: int, movement: Movement) -> bytes:
        """What the line is known by when it comes again; equal lines of one file are told apart by counting them."""
        m = movement
        said = [self.statements[statement]["opened"].account, m.direction, str(m.booked_on), str(m.amount)]
        if m.is_reversal:
            said.append("reversal")
        if m.bank_reference:
            said.append(m.bank_reference)
        else:
            said += [str(m.value_on), m.remittance, m.counterparty_name, m.counterparty_account, m.end_to_end_id]
        text = "\x00".join(said)
        self.seen[hash(text)] += 1
        return self.ctx.keys.search_hash(f"bank_line:{text}\x00{self.seen[hash(text)]}")


def _ignored_reason(movement: Movement) -> str | None:
    """Only what comes in and is no reversal can be a payment."""
    if movement.is_reversal:
        return "reversal"
    return "debit" if movement.direction == "debit" else None if movement.amount else "no_amount"


def _mismatch(told: dict[str, Any]) -> bool:
    opened: Opened = told["opened"]
    closing = told["closed"].closing_balance
    return opened.opening_balance is not None and closing is not None and told["total"] != closing
