"""PURE: what a step does, and how that is read from JSON with a pointer to each wrong place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeGuard, get_args

import msgspec
from msgspec import UNSET, UnsetType

from domain.collections.model import EscalationLevel
from domain.customers.model import ContactRole
from domain.dunning.rules.json_places import is_text, is_whole, unknown_fields
from domain.kernel.errors import FieldError
from domain.messaging.model import Tone

EVERYDAY_ROLES: tuple[ContactRole, ...] = ("billing", "other")
"""Who is written to where nobody says otherwise: the billing contacts before others."""
MOST_CHANNELS = 10
MOST_NEW_DUE_DAYS = 365

_CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)


# Structs, of which JSON tells one from the other by its type; the type is the class's own.
class EmailAction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="email"):
    """Send the customer's contact an e-mail made from a template."""

    type: ClassVar[Literal["email"]] = "email"
    template: str

    @property
    def channels(self) -> tuple[str, ...]:
        """The only way there is."""
        return ("email",)

    @property
    def recipients(self) -> tuple[ContactRole, ...]:
        """Whom to write to, by role."""
        return EVERYDAY_ROLES


class NoticeAction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="notice"):
    """Write through the first of these channels by which one of the recipients is reachable.

    `recipients` are roles of contacts, the first that has somebody wins. A `letter` is a numbered PDF. `new_due_days` after the
    notice is the new due date that it sets.
    """

    type: ClassVar[Literal["notice"]] = "notice"
    channels: tuple[str, ...]
    template: str
    recipients: tuple[ContactRole, ...] = EVERYDAY_ROLES
    tone: Tone | None = None
    letter: bool = False
    new_due_days: int | None = None


class AlertAction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="alert"):
    """Tell the tenant's own people through one of its channel accounts; nothing of it counts as a reminder."""

    type: ClassVar[Literal["alert"]] = "alert"
    channel: str
    template: str


class TaskAction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="task"):
    """Open a task for a user, or for whoever has a role."""

    type: ClassVar[Literal["task"]] = "task"
    title: str
    assignee: str | None = None
    role: str | UnsetType = UNSET


class EscalationAction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="escalation"):
    """Take the case out of the ordinary ladder."""

    type: ClassVar[Literal["escalation"]] = "escalation"
    level: EscalationLevel


class ChargeAction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="charge"):
    """Add what a charge rule comes to, up to the day on which the step is carried out, to what is owed."""

    type: ClassVar[Literal["charge"]] = "charge"
    charge_rule_id: str


class WebhookAction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="webhook"):
    """Only tell the event of the step, for another system to act on."""

    type: ClassVar[Literal["webhook"]] = "webhook"


class ApprovalAction(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="approval"):
    """A gate on its own: the case goes on once somebody has approved."""

    type: ClassVar[Literal["approval"]] = "approval"
    title: str


Action = (
    EmailAction
    | NoticeAction
    | AlertAction
    | TaskAction
    | EscalationAction
    | ChargeAction
    | WebhookAction
    | ApprovalAction
)
WritingAction = EmailAction | NoticeAction
ActionType = Literal["email", "notice", "alert", "task", "escalation", "charge", "webhook", "approval"]


_WRITING = (EmailAction, NoticeAction)


def is_writing(action: Action) -> TypeGuard[WritingAction]:
    """Whether the customer is written to: such steps supersede one another and keep their distance."""
    return isinstance(action, _WRITING)


def action_from(raw: Mapping[str, Any]) -> Action:
    """An action from its JSON form, which has been checked before."""
    told: dict[str, Any] = {name: value for name, value in raw.items() if name != "type"}
    match raw["type"]:
        case "email":
            return EmailAction(**told)
        case "notice":
            told |= {name: tuple(told[name]) for name in ("channels", "recipients") if name in told}
            return NoticeAction(**told)
        case "alert":
            return AlertAction(**told)
        case "task":
            return TaskAction(**{name: value for name, value in told.items() if name != "role" or value is not None})
        case "charge":
            return ChargeAction(**told)
        case "webhook":
            return WebhookAction()
        case "approval":
            return ApprovalAction(**told)
        case _:
            return EscalationAction(**told)


def faults_of_action(at: str, action: Any) -> Iterator[FieldError]:
    """Every wrong place of the JSON form of an action."""
    if not isinstance(action, Mapping):
        yield FieldError(at, "required", "A step has an action.")
        return
    check = _ACTIONS.get(str(action.get("type")))
    if check is None:
        yield FieldError(f"{at}/type", "unknown_action", f"An action is one of {', '.join(_ACTIONS)}.")
        return
    yield from check(at, action)


def is_channel_name(value: Any) -> bool:
    """Whether a channel may be called so; which there are is not asked here."""
    return isinstance(value, str) and _CHANNEL.fullmatch(value) is not None


def _email(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from unknown_fields(at, action, {"type", "template"})
    if not is_text(action.get("template"), 100):
        yield FieldError(f"{at}/template", "required", "An e-mail needs the key of a template.")


def _notice(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    known = {"type", "channels", "template", "recipients", "tone", "letter", "new_due_days"}
    yield from unknown_fields(at, action, known)
    if not is_text(action.get("template"), 100):
        yield FieldError(f"{at}/template", "required", "A notice needs the key of a template.")
    channels = action.get("channels")
    if not _is_list(channels, MOST_CHANNELS):
        yield FieldError(f"{at}/channels", "malformed_channels", f"A notice has 1 to {MOST_CHANNELS} channels.")
    else:
        yield from _repeated_or(f"{at}/channels", channels, is_channel_name, "malformed_channel", "a channel's name")
    roles = action.get("recipients", EVERYDAY_ROLES)
    if not _is_list(roles, len(get_args(ContactRole))):
        yield FieldError(f"{at}/recipients", "malformed_recipients", "Recipients are a list of roles.")
    else:
        told = f"one of {', '.join(get_args(ContactRole))}"
        yield from _repeated_or(f"{at}/recipients", roles, get_args(ContactRole).__contains__, "unknown_role", told)
    yield from _manner(at, action)


def _manner(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    if action.get("tone") is not None and action["tone"] not in get_args(Tone):
        yield FieldError(f"{at}/tone", "unknown_tone", f"A tone is one of {', '.join(get_args(Tone))}.")
    if not isinstance(action.get("letter", False), bool):
        yield FieldError(f"{at}/letter", "malformed_flag", "letter is true or false.")
    if action.get("new_due_days") is not None and not is_whole(action["new_due_days"], 1, MOST_NEW_DUE_DAYS):
        detail = f"new_due_days is 1 to {MOST_NEW_DUE_DAYS}."
        yield FieldError(f"{at}/new_due_days", "number_out_of_range", detail)


def _alert(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from unknown_fields(at, action, {"type", "channel", "template"})
    if not is_channel_name(action.get("channel")):
        yield FieldError(f"{at}/channel", "malformed_channel", "An alert needs the name of a channel.")
    if not is_text(action.get("template"), 100):
        yield FieldError(f"{at}/template", "required", "An alert needs the key of a template.")


def _task(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from unknown_fields(at, action, {"type", "title", "assignee", "role"})
    if not is_text(action.get("title"), 300):
        yield FieldError(f"{at}/title", "required", "A task needs a title of at most 300 characters.")
    if action.get("assignee") is not None and not is_text(action["assignee"], 200):
        yield FieldError(f"{at}/assignee", "malformed_assignee", "An assignee is a text of at most 200 characters.")
    role = action.get("role")
    if role is not None and not (isinstance(role, str) and _ROLE.fullmatch(role)):
        yield FieldError(
            f"{at}/role", "malformed_role", "A role is 1 to 50 of a-z, 0-9 and _, beginning with a letter."
        )


def _escalation(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from unknown_fields(at, action, {"type", "level"})
    if action.get("level") not in get_args(EscalationLevel):
        levels = ", ".join(get_args(EscalationLevel))
        yield FieldError(f"{at}/level", "unknown_level", f"A level is one of {levels}.")


def _charge(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from unknown_fields(at, action, {"type", "charge_rule_id"})
    if not is_text(action.get("charge_rule_id"), 40):
        yield FieldError(f"{at}/charge_rule_id", "required", "A charge needs the id of a charge rule.")


def _webhook(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from unknown_fields(at, action, {"type"})


def _approval(at: str, action: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from unknown_fields(at, action, {"type", "title"})
    if not is_text(action.get("title"), 300):
        yield FieldError(f"{at}/title", "required", "An approval needs a title of at most 300 characters.")


_ACTIONS: dict[str, Callable[[str, Mapping[str, Any]], Iterator[FieldError]]] = {
    "email": _email,
    "notice": _notice,
    "alert": _alert,
    "task": _task,
    "escalation": _escalation,
    "charge": _charge,
    "webhook": _webhook,
    "approval": _approval,
}


def _is_list(value: Any, most: int) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str) and 1 <= len(value) <= most


def _repeated_or(
    at: str, values: Sequence[Any], fits: Callable[[Any], bool], code: str, told: str
) -> Iterator[FieldError]:
    for position, value in enumerate(values):
        if not fits(value):
            yield FieldError(f"{at}/{position}", code, f"Here belongs {told}.")
        elif value in values[:position]:
            yield FieldError(f"{at}/{position}", "repeated_value", f"{value!r} is there already.")
