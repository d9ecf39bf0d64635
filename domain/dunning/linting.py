"""Judges plans before they are published: what stands against it, place by place, and what somebody should know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.customers.rules import LOCALES
from domain.dunning.model import PlanFault, PlanLint
from domain.dunning.rules.actions import AlertAction, is_writing
from domain.dunning.rules.lint import faults_of_channels, faults_of_ladder, idle_options
from domain.dunning.rules.options import faults_of_options, options_from
from domain.dunning.rules.step_faults import faults_of_steps
from domain.dunning.rules.steps import Step, charge_rules_of, step_from, templates_of
from domain.kernel.context import Context
from domain.kernel.errors import FieldError
from domain.kernel.usecase import use_case
from domain.ledger.charge_store import get_rules as charge_rules_by_id
from domain.messaging.book import TemplateBook
from domain.messaging.rules.liquid import lint
from domain.messaging.template_store import templates_of_keys
from domain.storage.transaction import reading, sql

_LANGUAGES = """
  select wanted.locale from unnest($2::text[]) as wanted(locale) where wanted.locale = $3
    or exists (select 1 from customers where tenant_id = $1 and locale = wanted.locale)
    or exists (select 1 from contacts where tenant_id = $1 and locale = wanted.locale)
"""


@use_case("plans:read")
async def lint_plan(ctx: Context, *, steps: Any, options: Any = None) -> PlanLint:
    """Everything that stands against publishing these steps and options, which need not be stored; nothing is refused."""
    wrong = [*faults_of_steps(steps), *faults_of_options(options or {})]
    if wrong:
        return PlanLint(faults=[_fault(error, "error") for error in wrong])
    read = [step_from(step) for step in steps]
    async with reading(ctx):
        errors, warnings = await faults_of_plan(ctx, read), await warnings_of_plan(ctx, read)
    warnings += idle_options(read, options_from(options or {}))
    return PlanLint(faults=[*(_fault(one, "error") for one in errors), *(_fault(one, "warning") for one in warnings)])


async def faults_of_plan(ctx: Context, steps: Sequence[Step]) -> list[FieldError]:
    """What stands against publishing steps that are each well formed, inside an open transaction."""
    wrong = faults_of_ladder(steps)
    if not steps:
        return wrong
    used = templates_of(steps)
    own = await templates_of_keys(ctx, set(used))
    texts = TemplateBook(own)
    wrong += faults_of_channels(steps, {key: texts.channels_of(key) for key in used})
    for template in own:
        # A text was good when it was written; what it may mention can have changed since.
        for error in lint(template.subject, template.body):
            code = "missing_template_variable" if error.code == "template_unknown_variable" else error.code
            told = f"{template.channel}, {template.locale}: {error.detail}"
            wrong += [FieldError(f"/steps/{n}/action/template", code, told) for n in used[template.key]]
    return wrong + await _wrong_charge_rules(ctx, steps)


async def warnings_of_plan(ctx: Context, steps: Sequence[Step]) -> list[FieldError]:
    """What does not stand against publishing: customers whose language a template does not have get another one."""
    used = templates_of(steps)
    if not used:
        return []
    book = TemplateBook(await templates_of_keys(ctx, set(used)))
    rows = await sql(ctx).fetch(_LANGUAGES, ctx.tenant_id, list(LOCALES), ctx.locale)
    spoken = [row["locale"] for row in rows]
    return [fault for position, step in enumerate(steps) for fault in _missing_languages(book, position, step, spoken)]


def _missing_languages(book: TemplateBook, position: int, step: Step, spoken: Sequence[str]) -> Iterator[FieldError]:
    action = step.action
    if isinstance(action, AlertAction):
        channels: tuple[str, ...] = (action.channel,)
    elif is_writing(action):
        channels = action.channels
    else:
        return
    for channel in channels:
        if not book.has(action.template, channel):
            continue
        for locale in spoken:
            said = book.locale_of(action.template, channel, locale)
            if said != locale:
                told = f"The template {action.template!r} has no text in {locale} for {channel}; {said} is used."
                yield FieldError(f"/steps/{position}/action/template", "missing_language", told)


async def _wrong_charge_rules(ctx: Context, steps: Sequence[Step]) -> list[FieldError]:
    used = charge_rules_of(steps)
    rules: Mapping[str, Any] = await charge_rules_by_id(ctx, list(used)) if used else {}
    errors = []
    for rule_id, positions in used.items():
        rule = rules.get(rule_id)
        if rule is not None and rule.state == "active":
            continue
        code, told = (
            ("unknown_charge_rule", f"There is no charge rule {rule_id!r}.")
            if rule is None
            else ("charge_rule_archived", f"The charge rule {rule_id!r} is not in use any more.")
        )
        errors += [FieldError(f"/steps/{at}/action/charge_rule_id", code, told) for at in positions]
    return errors


def _fault(error: FieldError, severity: Any) -> PlanFault:
    return PlanFault(pointer=error.pointer, code=error.code, detail=error.detail, severity=severity)
