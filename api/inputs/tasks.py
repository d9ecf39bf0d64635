"""What a client may say of tasks."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from api.inputs.fields import Id, Instant
from domain.collections.model import TaskState

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Assignee = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=10_000)]


class NewTask(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Something to be done."""

    title: Title
    customer_id: Id | None = None
    receivable_id: Id | None = None
    assignee: Assignee | None = None
    due_at: Instant | None = None
    description: Text = ""


class TaskPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed; a field left out stays as it is."""

    title: Title | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    assignee: Assignee | UnsetType | None = UNSET
    due_at: Instant | UnsetType | None = UNSET


class CompletionIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be said of a task that is done."""

    note: Text | None = None


class TaskQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Filters of a list that GraphQL's own types do not check."""

    state: TaskState | None = None
