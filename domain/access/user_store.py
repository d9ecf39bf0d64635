"""Users in PostgreSQL; their addresses sealed, found by a keyed hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from asyncpg import UniqueViolationError

from domain.access.rules.passwords import normal_email
from domain.access.user_model import Credentials, User
from domain.kernel.context import Context
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.paging import PageRequest
from domain.storage.transaction import sql

_COLUMNS = (
    "id, name, sealed_email, role, own_customers_only, status, locale,"
    " totp_confirmed_at is not null as has_second_factor, version, created_at, updated_at"
)


async def add(ctx: Context, user: User) -> None:
    """Stores a new user; raises Conflict if the address is taken."""
    email = user.email or ""
    try:
        await sql(ctx).execute(
            "insert into users (tenant_id, id, name, sealed_email, email_hash, role, own_customers_only, status, locale,"
            " version, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            ctx.tenant_id,
            user.id,
            user.name,
            ctx.keys.seal(email.encode(), "users", user.id, "email"),
            ctx.keys.search_hash(normal_email(email)),
            user.role,
            user.own_customers_only,
            user.status,
            user.locale,
            user.version,
            user.created_at,
            user.updated_at,
        )
    except UniqueViolationError as taken:
        raise Conflict("email_taken", "There is a user with this e-mail address.") from taken


async def save(ctx: Context, user: User) -> None:
    """Replaces what may change of a user; the address never does."""
    await sql(ctx).execute(
        "update users set name = $3, role = $4, own_customers_only = $5, status = $6, locale = $7, version = $8,"
        " updated_at = $9 where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        user.id,
        user.name,
        user.role,
        user.own_customers_only,
        user.status,
        user.locale,
        user.version,
        user.updated_at,
    )


async def get(ctx: Context, user_id: str, *, lock: bool = False) -> User:
    """One user; raises NotFound."""
    row = await sql(ctx).fetchrow(
        f"select {_COLUMNS} from users where tenant_id = $1 and id = $2{' for no key update' if lock else ''}",
        ctx.tenant_id,
        user_id,
    )
    if row is None:
        raise NotFound.of("user", user_id)
    return user_of(ctx, row)


async def find_by_email(ctx: Context, email: str) -> User | None:
    """The user with this address, however it is written."""
    row = await sql(ctx).fetchrow(
        f"select {_COLUMNS} from users where tenant_id = $1 and email_hash = $2",
        ctx.tenant_id,
        ctx.keys.search_hash(normal_email(email)),
    )
    return user_of(ctx, row) if row else None


async def page(ctx: Context, request: PageRequest) -> list[Any]:
    """Rows of a page in the order of creation, one more than asked for."""
    return await sql(ctx).fetch(
        f"select {_COLUMNS} from users where tenant_id = $1 and ($2::text is null or id > $2) order by id limit $3",
        ctx.tenant_id,
        request.after,
        request.limit + 1,
    )


async def other_active_admins(ctx: Context, user_id: str) -> int:
    """How many admins could still sign in without this one; they are locked, so that no two step down at once."""
    rows = await sql(ctx).fetch(
        "select id from users where tenant_id = $1 and role = 'admin' and status = 'active' order by id for no key update",
        ctx.tenant_id,
    )
    return sum(row["id"] != user_id for row in rows)


async def credentials(ctx: Context, user_id: str) -> Credentials:
    """What the user proves who they are with."""
    row = await sql(ctx).fetchrow(
        "select password_hash, sealed_totp_secret, totp_confirmed_at from users where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        user_id,
    )
    if row is None:
        raise NotFound.of("user", user_id)
    sealed = row["sealed_totp_secret"]
    return Credentials(
        password_hash=row["password_hash"],
        totp_secret=ctx.keys.open(sealed, "users", user_id, "totp_secret") if sealed else None,
        totp_confirmed=row["totp_confirmed_at"] is not None,
    )


async def set_password_hash(ctx: Context, user_id: str, password_hash: str) -> None:
    """Replaces the password."""
    await sql(ctx).execute(
        "update users set password_hash = $3 where tenant_id = $1 and id = $2", ctx.tenant_id, user_id, password_hash
    )


async def set_totp(ctx: Context, user_id: str, secret: bytes | None, confirmed_at: datetime | None) -> None:
    """Replaces the second factor, or takes it away; no code of another secret stays used up."""
    await sql(ctx).execute(
        "update users set sealed_totp_secret = $3, totp_confirmed_at = $4, totp_last_counter = null"
        " where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        user_id,
        ctx.keys.seal(secret, "users", user_id, "totp_secret") if secret else None,
        confirmed_at,
    )


async def confirm_totp(ctx: Context, user_id: str, confirmed_at: datetime) -> None:
    """The second factor counts from now on."""
    await sql(ctx).execute(
        "update users set totp_confirmed_at = $3 where tenant_id = $1 and id = $2", ctx.tenant_id, user_id, confirmed_at
    )


async def use_totp_counter(ctx: Context, user_id: str, counter: int) -> bool:
    """Uses up a code; False if it, or a later one, was used before (RFC 6238 section 5.2)."""
    used = await sql(ctx).fetchval(
        "update users set totp_last_counter = $3 where tenant_id = $1 and id = $2"
        " and coalesce(totp_last_counter, -1) < $3 returning 1",
        ctx.tenant_id,
        user_id,
        counter,
    )
    return used is not None


def user_of(ctx: Context, row: Any) -> User:
    """A user from its row."""
    values = dict(row)
    sealed = values.pop("sealed_email")
    return User(email=ctx.keys.open(sealed, "users", values["id"], "email").decode(), **values)
