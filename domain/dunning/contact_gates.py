"""The contact policy in a batch of decisions: read once, with earlier contacts only if it counts them, each decision seen by the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.dunning.facts_store import Gathered
from domain.dunning.model import Case
from domain.dunning.rules.decide import Decision
from domain.dunning.rules.facts import CaseFacts, ContactGate, Writing
from domain.dunning.rules.waiting import Waited
from domain.kernel.context import Context
from domain.messaging import contact_policy_store
from domain.messaging.contact_history import history_of, take_turns
from domain.messaging.contact_policy_model import ContactPolicy
from domain.messaging.rules.contact_policy import Contacted, looks_back


class ContactGates:
    """Answers for every customer of a batch; what is decided for one case counts for the customer's next ones."""

    __slots__ = ("_history", "_in_hand", "_policy")

    def __init__(self, policy: ContactPolicy | None, history: Mapping[str, Sequence[Contacted]] | None = None) -> None:
        self._policy = policy
        self._history: dict[str, list[Contacted]] = defaultdict(list)
        self._in_hand: dict[str, list[Writing]] = defaultdict(list)
        for customer_id, contacts in (history or {}).items():
            self._history[customer_id] = list(contacts)

    @property
    def looks_back(self) -> bool:
        """Whether it matters who else is written to of the same customer."""
        return self._policy is not None and looks_back(self._policy) is not None

    def facts_of(self, case: Case, gathered: Gathered) -> CaseFacts:
        """The facts of a case with the gate in them, if there is a policy to ask."""
        if self._policy is None:
            return gathered.facts
        gate = ContactGate(
            policy=self._policy,
            time_zone=gathered.facts.time_zone,
            country=gathered.country,
            history=tuple(self._history[case.customer_id]),
            in_hand=tuple(self._in_hand[case.customer_id]),
            combined_as=_combined_as(case, gathered.facts),
        )
        return replace(gathered.facts, gate=gate)

    def remember(self, case: Case, facts: CaseFacts, decision: Decision) -> None:
        """Counts what the decision writes; a notice that several cases share counts once."""
        if self._policy is None:
            return
        for step in decision.steps:
            if step.contact is None:
                continue
            made = Writing(
                combined_as=_combined_as(case, facts),
                step_key=step.step.key,
                contact_id=step.contact.id,
                channel=step.channel or "email",
            )
            if made.combined_as is None or made not in self._in_hand[case.customer_id]:
                self._in_hand[case.customer_id].append(made)

    def settle(self, at: datetime) -> None:
        """The batch is over: what it wrote is an earlier contact of `at` from now on."""
        for customer_id, made in self._in_hand.items():
            told = (Contacted(at=at, channel=one.channel, contact_id=one.contact_id) for one in made)
            self._history[customer_id].extend(told)
        self._in_hand.clear()


def _combined_as(case: Case, facts: CaseFacts) -> str | None:
    return f"{case.plan_version_id}/{facts.open_amount.currency}" if case.combined and case.receivable_id else None


def waited_of(case: Case) -> Waited | None:
    """The step of a case that the contact policy has made wait, and why."""
    return Waited(case.deferred_step, tuple(case.deferred_reasons)) if case.deferred_step is not None else None


async def open_gates(ctx: Context, gathered: Mapping[str, Gathered], cases: Sequence[Case]) -> ContactGates:
    """The gates of a batch. Without a policy nothing is read; with caps or a gap, other engines wait that decide for these customers."""
    return await _gates(ctx, gathered, cases, waits_for_turn=True)


async def look_at_gates(ctx: Context, gathered: Mapping[str, Gathered], cases: Sequence[Case]) -> ContactGates:
    """The same for whoever only looks ahead: no engine waits for that."""
    return await _gates(ctx, gathered, cases, waits_for_turn=False)


async def _gates(
    ctx: Context, gathered: Mapping[str, Gathered], cases: Sequence[Case], *, waits_for_turn: bool
) -> ContactGates:
    version = gathered[cases[0].id].policy_version
    if version is None:
        return ContactGates(None)
    policy = await contact_policy_store.of_version(ctx, version)
    window = looks_back(policy)
    if window is None:
        return ContactGates(policy)
    customers = sorted({case.customer_id for case in cases})
    if waits_for_turn:
        await take_turns(ctx, "deciding", customers)
    return ContactGates(policy, await history_of(ctx, "deciding", customers, ctx.now() - window))
