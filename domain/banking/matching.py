"""What is known about a batch of lines, found in a constant number of statements, and the suggestions that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import normalize

from domain.banking import line_store
from domain.banking.model import BankStatementLine, Reason, Suggestion
from domain.banking.rules.matching import MOST_OF_A_PAYER, MOST_SUGGESTIONS, Known, is_exact, state_for, suggestions_for
from domain.banking.rules.references import Run, key_of, name_key, runs_of, without_parts
from domain.kernel.context import Context
from domain.kernel.money import Money
from domain.ledger import store
from domain.ledger.model import Receivable
from domain.storage.transaction import sql

# A number that many open receivables share names none of them.
MOST_OF_A_NUMBER = 20


@dataclass(slots=True)
class _Told:
    """What a line is looked up by."""

    runs: list[Run]
    words: list[str]
    payer_keys: list[bytes]


@dataclass(slots=True)
class _Found:
    """Ids of receivables, by what they were found by."""

    by_key: dict[str, list[str]]
    by_external_id: dict[str, list[str]]
    by_amount: dict[tuple[str, Any], list[str]]
    payers: dict[bytes, list[str]]
    by_payer: dict[str, list[str]]
    receivables: dict[str, Receivable]
    names: dict[str, str]


async def matched(ctx: Context, lines: Sequence[BankStatementLine]) -> list[BankStatementLine]:
    """The lines with fresh suggestions and the state that follows; the state of lines that are no candidates stays."""
    wanted = [line for line in lines if line.state == "unmatched"]
    if not wanted:
        return list(lines)
    told = {line.id: _told(ctx, line) for line in wanted}
    recorded = await _recorded(ctx, wanted)
    found = await _look_up(ctx, list(told.values()))
    suggestions = {line.id: suggestions_for(_known(line, told[line.id], found)) for line in wanted}
    unsure = [line for line in wanted if not is_exact(suggestions[line.id])]
    if unsure:
        await _look_up_amounts(ctx, unsure, found)
        suggestions |= {line.id: suggestions_for(_known(line, told[line.id], found)) for line in unsure}
    return [_decided(line, suggestions[line.id], recorded) if line.id in told else line for line in lines]


def payer_keys(ctx: Context, line: BankStatementLine) -> list[bytes]:
    """What a payer is recognised by: the account, or the name where the bank tells no account."""
    if line.counterparty_account:
        return [ctx.keys.search_hash(f"bank_account:{key_of(line.counterparty_account)}")]
    name = name_key(line.counterparty_name)
    return [ctx.keys.search_hash(f"bank_name:{name}")] if name else []


def _told(ctx: Context, line: BankStatementLine) -> _Told:
    runs = runs_of(f"{line.remittance} , {line.end_to_end_id}")
    return _Told(runs, _words(line), payer_keys(ctx, line))


def _decided(
    line: BankStatementLine, suggestions: list[Suggestion], recorded: set[tuple[str, Money]]
) -> BankStatementLine:
    if any((reference, line.amount) in recorded for reference in _references(line)):
        return replace(line, state="already_recorded", suggestions=[])
    return replace(line, state=state_for(suggestions), suggestions=suggestions)


def _known(line: BankStatementLine, told: _Told, found: _Found) -> Known:
    currency = line.amount.currency

    def receivables(ids: Iterable[str]) -> list[Receivable]:
        return [found.receivables[one] for one in ids if one in found.receivables]

    named: dict[str, tuple[Receivable, Reason]] = {}
    for run in without_parts([run for run in told.runs if run.key in found.by_key]):
        for receivable in receivables(found.by_key[run.key]):
            named[receivable.id] = (receivable, Reason(code="reference_in_remittance", value=receivable.number))
    for word in told.words:
        for receivable in receivables(found.by_external_id.get(word, [])):
            named.setdefault(receivable.id, (receivable, Reason(code="reference_is_external_id", value=word)))
    payers = [customer for key in told.payer_keys for customer in found.payers.get(key, [])]
    return Known(
        amount=line.amount,
        paid_on=line.value_on or line.booked_on,
        payer_name=line.counterparty_name,
        named=list(named.values()),
        payers=payers,
        of_payer=receivables(one for customer in payers for one in found.by_payer.get(customer, [])),
        of_amount=receivables(found.by_amount.get((currency, line.amount.amount), [])),
        names=found.names,
    )


async def _look_up(ctx: Context, told: Sequence[_Told]) -> _Found:
    by_key = await _grouped(
        ctx,
        "select w.key, r.id from unnest($2::text[]) as w (key) cross join lateral (select id from receivables"
        " where tenant_id = $1 and open_amount > 0 and number_key = w.key"
        f" order by id limit {MOST_OF_A_NUMBER + 1}) r",
        sorted({run.key for one in told for run in one.runs}),
    )
    by_key = {key: ids if len(ids) <= MOST_OF_A_NUMBER else [] for key, ids in by_key.items()}
    # One probe of the index for each word; `external_id = any(...)` reads all that the tenant has, for every batch.
    by_external_id = await _grouped(
        ctx,
        "select w.word, r.id from unnest($2::text[]) as w (word) cross join lateral (select id from receivables"
        " where tenant_id = $1 and external_id = w.word and open_amount > 0 limit 1) r",
        sorted({word for one in told for word in one.words}),
    )
    payers = await line_store.payer_customers(ctx, [key for one in told for key in one.payer_keys])
    by_payer = await _grouped(
        ctx,
        "select w.customer_id, r.id from unnest($2::text[]) as w (customer_id) cross join lateral (select id from"
        " receivables where tenant_id = $1 and customer_id = w.customer_id and open_amount > 0"
        f" order by due_on, id limit {MOST_OF_A_PAYER + 1}) r",
        sorted({customer for some in payers.values() for customer in some}),
    )
    found = _Found(by_key, by_external_id, {}, payers, by_payer, {}, {})
    await _load(ctx, found, (*by_key.values(), *by_payer.values(), *by_external_id.values()))
    return found


async def _look_up_amounts(ctx: Context, lines: Sequence[BankStatementLine], found: _Found) -> None:
    """Adds what has the amount of one of these lines open."""
    amounts = sorted({(line.amount.currency, line.amount.amount) for line in lines})
    of_amount = await sql(ctx).fetch(
        "select w.currency, w.amount, r.id from unnest($2::text[], $3::numeric[]) as w (currency, amount) cross join lateral"
        " (select id from receivables where tenant_id = $1 and open_key = w.currency || ' ' || trim_scale(w.amount)::text"
        f" and open_amount > 0 order by due_on, id limit {MOST_SUGGESTIONS}) r",
        ctx.tenant_id,
        [currency for currency, _ in amounts],
        [amount for _, amount in amounts],
    )
    for row in of_amount:
        found.by_amount.setdefault((row["currency"], row["amount"]), []).append(row["id"])
    await _load(ctx, found, found.by_amount.values())


async def _load(ctx: Context, found: _Found, groups: Iterable[Sequence[str]]) -> None:
    """Adds receivables by their ids, and the names of their customers, which are not there yet."""
    ids = {one for group in groups for one in group} - found.receivables.keys()
    found.receivables |= await store.by_ids(ctx, sorted(ids))
    rows = await sql(ctx).fetch(
        "select c.id, c.name from unnest($2::text[]) as w (id) cross join lateral (select id, name from customers"
        " where tenant_id = $1 and id = w.id limit 1) c",
        ctx.tenant_id,
        sorted({r.customer_id for r in found.receivables.values()} - found.names.keys()),
    )
    found.names |= dict(rows)


async def _grouped(ctx: Context, query: str, wanted: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, receivable_id in await sql(ctx).fetch(query, ctx.tenant_id, wanted):
        found.setdefault(key, []).append(receivable_id)
    return found


async def _recorded(ctx: Context, lines: Sequence[BankStatementLine]) -> set[tuple[str, Money]]:
    """External ids and amounts of payments that lines refer to."""
    rows = await sql(ctx).fetch(
        "select external_id, amount, currency from payments"
        " where tenant_id = $1 and external_id = any($2) and state = 'recorded'",
        ctx.tenant_id,
        sorted({reference for line in lines for reference in _references(line)}),
    )
    return {(row["external_id"], Money(row["amount"], row["currency"])) for row in rows}


def _references(line: BankStatementLine) -> list[str]:
    return [reference for reference in (line.end_to_end_id, line.bank_reference) if reference]


def _words(line: BankStatementLine) -> list[str]:
    """Words that may be external ids, without the punctuation around them: as written, and as the id was before a bank wrote it
    in capitals or full width. Unlike a number, an external id is one word and its separators count.
    """
    words = (word.strip(".,;:()[]\"'") for word in f"{line.remittance} {line.end_to_end_id}".split()[:80])
    told = [word for word in words if 4 <= len(word) <= 200 and any(map(str.isdigit, word))]
    return sorted({spelling for word in told for spelling in _spellings(word)})


def _spellings(word: str) -> tuple[str, ...]:
    plain = normalize("NFKC", word)
    return word, plain, plain.lower(), plain.upper()
