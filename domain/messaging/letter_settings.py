"""Use cases of how letters are numbered."""

from __future__ import annotations

from domain.events.log import emit
from domain.events.model import NewEvent
from domain.kernel.context import Context
from domain.kernel.errors import InvalidInput
from domain.kernel.usecase import use_case
from domain.kernel.versions import expect
from domain.messaging import letter_store as store
from domain.messaging.model import LetterSettings
from domain.messaging.rules.letter_text import number_format_fault
from domain.storage.transaction import reading, transaction


@use_case("templates:read")
async def get_letter_settings(ctx: Context) -> LetterSettings:
    """How letters are numbered; version 0 is what holds where nothing was set."""
    async with reading(ctx):
        return await store.get_settings(ctx)


@use_case("templates:write")
async def put_letter_settings(
    ctx: Context, *, number_format: str, expected_version: int | None = None
) -> LetterSettings:
    """Sets how letters are numbered from now on; the count goes on, and letters that there are keep their numbers."""
    if fault := number_format_fault(number_format):
        raise InvalidInput.at("/number_format", "malformed_number_format", fault)
    async with transaction(ctx) as tx:
        await tx.execute("select pg_advisory_xact_lock(hashtextextended('letter_settings:' || $1, 0))", ctx.tenant_id)
        settings = await store.get_settings(ctx)
        expect(settings.version, expected_version)
        if settings.version and settings.number_format == number_format:
            return settings
        changed = LetterSettings(number_format, settings.version + 1, ctx.now())
        await store.save_settings(ctx, changed)
        emit(ctx, NewEvent("letter_settings.updated", ctx.tenant_id, {"letter_settings": changed}))
    return changed
