"""Transactions bound to a tenant (or platform) by row-level security: forgetting a filter yields no rows, never another tenant's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from asyncpg import InsufficientPrivilegeError

from domain.kernel.context import AnyContext, Context
from domain.kernel.errors import Forbidden
from domain.storage.engine import DB, BoundTransaction

Deferred = Callable[[Any, list[Any]], Awaitable[None]]

_after_commit: list[Callable[[str], None]] = []
_waited_for: list[Callable[[], Awaitable[None]]] = []


@asynccontextmanager
async def transaction(ctx: AnyContext) -> AsyncIterator[BoundTransaction]:
    """All or nothing, for `ctx`'s tenant. Inside another transaction of the same tenant it becomes a savepoint of that one."""
    binding = binding_of(ctx)
    outer = DB.current_transaction.get()
    if outer is not None:
        with _told_of_limits(ctx):
            async with _savepoint(outer, binding):
                yield outer
        return
    bound = BoundTransaction(DB, binding)
    with _told_of_limits(ctx):
        async with bound:
            yield bound
            await _run_deferred(ctx, bound)
    if bound.signals:
        for notify in _after_commit:
            notify(ctx.owner_id)
    if bound.waits:
        for finish in _waited_for:
            await finish()


@asynccontextmanager
async def reading(ctx: AnyContext) -> AsyncIterator[BoundTransaction]:
    """A consistent place to read from: joins the open transaction of the same tenant, or opens one."""
    binding = binding_of(ctx)
    outer = DB.current_transaction.get()
    if outer is not None:
        _same_binding(outer, binding)
        yield outer
        return
    async with BoundTransaction(DB, binding) as bound:
        yield bound


@asynccontextmanager
async def snapshot(ctx: AnyContext) -> AsyncIterator[BoundTransaction]:
    """A place to read from in which all statements see one moment; inside an open transaction they see what that one sees."""
    if DB.current_transaction.get() is not None:
        async with reading(ctx) as outer:
            yield outer
        return
    async with BoundTransaction(DB, binding_of(ctx), "begin isolation level repeatable read read only") as bound:
        yield bound


async def fetch_one(ctx: Context, query: str, *arguments: Any) -> Any:
    """One row of one statement that binds itself: a single round trip where `reading` takes three.

    `query` must compare tenant_id with `bound.tenant_id`; its arguments begin at $2. `offset 0` keeps the planner from reading
    before the tenant is bound; if it ever did, row-level security would yield no row, never another tenant's.
    """
    if ctx.customers_of is not None:
        return await _fetch_one_limited(ctx, query, *arguments)
    outer = DB.current_transaction.get()
    statement = (
        "select found.* from set_config('app.tenant', $1, true) as bound (tenant_id)"
        f" cross join lateral ({query} offset 0) as found"
    )
    if outer is not None:
        _same_binding(outer, binding_of(ctx))
        return await outer.fetchrow(statement, ctx.tenant_id, *arguments)
    if DB.pool is None:
        raise RuntimeError("the database is not open")
    return await DB.pool.fetchrow(statement, ctx.tenant_id, *arguments)


@asynccontextmanager
async def unbound() -> AsyncIterator[BoundTransaction]:
    """A transaction that sees no tenant's rows; only the narrow doors (security definer functions) answer in it."""
    async with BoundTransaction(DB, "set local app.tenant = ''") as bound:
        yield bound


def sql(ctx: AnyContext) -> BoundTransaction:
    """The open transaction of `ctx`; a store function called without one is a programming error."""
    current: BoundTransaction | None = DB.current_transaction.get()
    if current is None:
        raise RuntimeError("no transaction is open")
    _same_binding(current, binding_of(ctx))
    return current


def defer(ctx: AnyContext, write: Deferred, items: Sequence[Any]) -> None:
    """Collects items that `write(ctx, items)` will store as the last thing before the commit, once for all of them."""
    tx = sql(ctx)
    tx.deferred.setdefault(write, []).extend(items)
    tx.signals = True


def signal_after_commit(ctx: AnyContext) -> None:
    """Has the signals of `on_any_commit` sent when the open transaction commits: a worker has something to do."""
    sql(ctx).signals = True


def on_any_commit(notify: Callable[[str], None]) -> None:
    """Registers a best-effort signal (such as waking a worker) for after every commit that left work behind."""
    _after_commit.append(notify)


def wait_after_commit(ctx: AnyContext) -> None:
    """Has whoever opened the transaction wait, after its commit, for what `finish_after_commit` registered."""
    sql(ctx).waits = True


def finish_after_commit(finish: Callable[[], Awaitable[None]]) -> None:
    """Registers what a caller waits for after a commit that asked for it; it must deal with its own failures."""
    _waited_for.append(finish)


def no_longer_finish(finish: Callable[[], Awaitable[None]]) -> None:
    """Undoes `finish_after_commit`."""
    if finish in _waited_for:
        _waited_for.remove(finish)


def forget_commit_signals() -> None:
    """Undoes `on_any_commit`, when an application is shut down."""
    _after_commit.clear()


def binding_of(ctx: AnyContext) -> str:
    """The statement that binds a transaction; ids were checked when the context was made."""
    if isinstance(ctx, Context):
        tenant = f"set local app.tenant = '{ctx.tenant_id}'"
        return tenant if ctx.customers_of is None else f"{tenant}; set local app.customers_of = '{ctx.customers_of}'"
    return f"set local app.platform = '{ctx.platform_id}'"


async def _fetch_one_limited(ctx: Context, query: str, *arguments: Any) -> Any:
    async with reading(ctx) as tx:
        statement = (
            f"select found.* from (values ($1::text)) as bound (tenant_id) cross join lateral ({query}) as found"
        )
        return await tx.fetchrow(statement, ctx.tenant_id, *arguments)


@contextmanager
def _told_of_limits(ctx: AnyContext) -> Iterator[None]:
    """A write that row-level security refuses to a limited collector is the caller's mistake, not the program's."""
    try:
        yield
    except InsufficientPrivilegeError as refused:
        if isinstance(ctx, Context) and ctx.customers_of is not None:
            raise Forbidden("not_your_customer", "This belongs to a customer of somebody else.") from refused
        raise


@asynccontextmanager
async def _savepoint(outer: BoundTransaction, binding: str) -> AsyncIterator[None]:
    _same_binding(outer, binding)
    before = {write: len(items) for write, items in outer.deferred.items()}
    savepoint = await outer.savepoint()
    try:
        yield
    except BaseException:
        await savepoint.rollback_to()
        for write, items in outer.deferred.items():
            del items[before.get(write, 0) :]
        raise
    await savepoint.release()


def _same_binding(current: BoundTransaction, binding: str) -> None:
    if current.binding != binding:
        raise RuntimeError("a transaction of another tenant is open")


async def _run_deferred(ctx: AnyContext, bound: BoundTransaction) -> None:
    """What takes a counter's lock comes last and in one order for all: events, then the audit log."""
    for write, items in sorted(bound.deferred.items(), key=lambda pair: getattr(pair[0], "comes_last", False)):
        if items:
            await write(ctx, items)
