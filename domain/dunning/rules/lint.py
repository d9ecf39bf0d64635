"""PURE: what is wrong with a whole plan whose steps are each well formed: where its branches lead, and what is never reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from domain.dunning.rules.actions import AlertAction, EmailAction, is_writing
from domain.dunning.rules.options import PlanOptions
from domain.dunning.rules.pay_day import writes_before_due_date
from domain.dunning.rules.steps import Step
from domain.kernel.errors import FieldError
from domain.kernel.predicate import All, Any_, Comparison, Not, Predicate

CUSTOMER_CHANNELS = frozenset({"email", "sms", "wecom", "push", "letter", "whatsapp", "voice"})
STAFF_CHANNELS = frozenset({"wecom_staff", "wecom_robot", "dingtalk", "feishu"})


def faults_of_ladder(steps: Sequence[Step]) -> list[FieldError]:
    """Branches that lead nowhere or back, and steps that nothing leads to. So every way through a plan without faults ends."""
    if not steps:
        return [FieldError("/steps", "plan_has_no_steps", "A plan without steps cannot be published.")]
    positions = {step.key: position for position, step in enumerate(steps)}
    faults = list(_branches(steps, positions))
    return faults or list(_unreachable(steps, positions))


def faults_of_channels(steps: Sequence[Step], texts: Mapping[str, frozenset[str]]) -> Iterator[FieldError]:
    """Templates and channels that a step names and that do not go together; `texts` are the channels of each template."""
    for position, step in enumerate(steps):
        at, action = f"/steps/{position}/action", step.action
        if not (is_writing(action) or isinstance(action, AlertAction)):
            continue
        has = texts.get(action.template, frozenset())
        if not has or (isinstance(action, EmailAction) and "email" not in has):
            told = f"There is no {'e-mail ' if isinstance(action, EmailAction) else ''}template {action.template!r}."
            yield FieldError(f"{at}/template", "unknown_template", told)
        elif isinstance(action, AlertAction):
            yield from _channel(f"{at}/channel", action.channel, has, STAFF_CHANNELS)
        elif not isinstance(action, EmailAction):
            for n, channel in enumerate(action.channels):
                yield from _channel(f"{at}/channels/{n}", channel, has, CUSTOMER_CHANNELS)


def idle_options(steps: Sequence[Step], options: PlanOptions) -> Iterator[FieldError]:
    """Options that change nothing in a ladder like this one."""
    if options.learn_pay_day and not any(map(writes_before_due_date, steps)):
        yield _idle("learn_pay_day", "No step writes a number of days before the due date.")
    if options.next_channel_when_unread_days is not None and not any(_has_ways(step) for step in steps):
        yield _idle("next_channel_when_unread_days", "No step has a second channel.")
    if options.raise_when_no_reply_days is not None and not any(is_writing(step.action) for step in steps[:-1]):
        yield _idle("raise_when_no_reply_days", "No step comes after one that writes.")


def _has_ways(step: Step) -> bool:
    return is_writing(step.action) and len(step.action.channels) > 1


def _idle(option: str, detail: str) -> FieldError:
    return FieldError(f"/options/{option}", "option_without_effect", detail)


def constant(predicate: Predicate) -> bool | None:
    """What the predicate is whatever the facts are; None if that depends on them."""
    match predicate:
        case Comparison():
            return None
        case Not(part):
            known = constant(part)
            return None if known is None else not known
        case All(parts):
            return _folded([constant(part) for part in parts], decisive=False)
        case Any_(parts):
            return _folded([constant(part) for part in parts], decisive=True)


def _folded(known: list[bool | None], *, decisive: bool) -> bool | None:
    if decisive in known:
        return decisive
    return None if None in known else not decisive


def _channel(at: str, channel: str, has: frozenset[str], known: frozenset[str]) -> Iterator[FieldError]:
    """A channel with a text of its own is one that the tenant has opened, whatever it is called."""
    if channel in has:
        return
    if channel not in known:
        yield FieldError(at, "unknown_channel", f"There is no channel {channel!r}.")
    else:
        yield FieldError(at, "channel_without_template", f"The template has no text for the channel {channel!r}.")


def _branches(steps: Sequence[Step], positions: Mapping[str, int]) -> Iterator[FieldError]:
    for position, step in enumerate(steps):
        for n, branch in enumerate(step.branches):
            if branch.go_to is None:
                continue
            at = f"/steps/{position}/branches/{n}/go_to"
            target = positions.get(branch.go_to)
            if target is None:
                yield FieldError(at, "unknown_step", f"There is no step {branch.go_to!r}.")
            elif target <= position:
                yield FieldError(at, "cyclic_branch", "A branch goes to a step that comes later in the plan.")


def _unreachable(steps: Sequence[Step], positions: Mapping[str, int]) -> Iterator[FieldError]:
    reached = {0}
    for position, step in enumerate(steps):
        if position not in reached and not _comes_before_the_branch(steps, position):
            yield FieldError(f"/steps/{position}", "unreachable_step", "No way through the plan leads to this step.")
            continue
        if position == 0 and step.relative_to == "previous_step":
            yield FieldError("/steps/0/relative_to", "unreachable_step", "No step comes before the first one.")
        reached |= _next(step, position, positions)


def _next(step: Step, position: int, positions: Mapping[str, int]) -> set[int]:
    """Where a case may go on after this step."""
    found = set()
    for branch in step.branches:
        known = constant(branch.test)
        if known is False:
            continue
        if branch.go_to is not None:
            found.add(positions[branch.go_to])
        if known is True:
            return found
    return {*found, position + 1}


def _comes_before_the_branch(steps: Sequence[Step], position: int) -> bool:
    """Whether the step may fall due before any step in front of it in the list, so that no branch leads past it in time."""
    step = steps[position]
    if step.relative_to == "previous_step":
        return False
    return any(
        other.relative_to != step.relative_to or step.offset_days < other.offset_days for other in steps[:position]
    )
