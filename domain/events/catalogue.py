"""Every event type there is: what it tells, and under which key its data holds the object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventType:
    """One line of the published catalogue."""

    type: str
    object: str
    description: str


_LINES = (
    ("activity.recorded", "activity", "Somebody recorded a call, visit, letter, message or note."),
    ("approval.approved", "approval", "Somebody let a step of a case be carried out."),
    ("approval.rejected", "approval", "Somebody had a step of a case left out."),
    ("approval.requested", "approval", "A step of a case fell due that somebody has to approve first."),
    ("bank_statement.read", "operation", "A file of bank statements was read, or refused as a whole."),
    ("bank_statement_line.accepted", "bank_statement_line", "A line of a bank statement became a payment."),
    ("bank_statement_line.ignored", "bank_statement_line", "A line of a bank statement is no payment of a customer."),
    ("bank_statement_line.matched", "bank_statement_line", "What is suggested for a line of a bank statement changed."),
    ("case.closed", "case", "A case ended, for example because its receivable was paid."),
    ("case.escalated", "case", "A case left the ordinary ladder of reminders."),
    ("case.migrated", "case", "A case on its way was moved to the published version of its plan."),
    ("case.opened", "case", "A receivable began to walk through a reminder plan."),
    ("case.reassigned", "case", "A case in which nothing had happened yet was given another reminder plan."),
    ("case.step_done", "case", "A step of a case fell due and was carried out."),
    ("case.step_skipped", "case", "A step of a case fell due and was left out, with reasons."),
    ("channel_account.created", "channel_account", "An account at a message provider was registered."),
    ("channel_account.disabled", "channel_account", "Nothing is sent through an account any more."),
    ("channel_account.enabled", "channel_account", "Messages are sent through an account again."),
    ("channel_account.updated", "channel_account", "An account's fields, credentials or callback address changed."),
    ("charge.posted", "charge", "Late interest, a fee or a cost was added to what is owed."),
    ("charge.waived", "charge", "A charge was given up, whole or in part."),
    ("charge_rule.archived", "charge_rule", "A charge rule is not in use any more."),
    ("charge_rule.created", "charge_rule", "A charge rule was registered."),
    ("contact.created", "contact", "A contact was added to a customer."),
    ("contact.deleted", "contact", "A contact was removed and is not reminded any more."),
    ("contact.updated", "contact", "A contact's fields changed."),
    (
        "contact_policy.updated",
        "contact_policy",
        "When, how often and through what customers may be contacted was changed.",
    ),
    ("credit_note.allocated", "credit_note", "What was unapplied of a credit note lowered receivables."),
    ("credit_note.cancelled", "credit_note", "A credit note was a mistake; what it had lowered is open again."),
    ("credit_note.issued", "credit_note", "A credit note lowered what a customer owes."),
    ("customer.created", "customer", "A customer was registered."),
    ("customer.updated", "customer", "A customer's fields changed."),
    (
        "customer_reminder_settings.deleted",
        "customer_reminder_settings",
        "A customer has no reminder plan of its own any more.",
    ),
    ("customer_reminder_settings.updated", "customer_reminder_settings", "A customer was given a reminder plan."),
    ("dispute.opened", "dispute", "A customer contests an amount; only that amount leaves dunning."),
    ("dispute.resolved", "dispute", "A dispute was accepted, wholly or in part, rejected or withdrawn."),
    ("dispute.updated", "dispute", "A dispute's fields changed."),
    ("escalation.raised", "escalation", "A case was handed to management, legal, an agency or service suspension."),
    ("exchange_rates.recorded", "exchange_rates", "Exchange rates were told, or corrected with what they were before."),
    ("hold.expired", "hold", "The last day of a hold is over; what waited for it is reminded of again."),
    ("hold.placed", "hold", "A receivable, or all a customer owes, is not reminded of for a while."),
    ("hold.released", "hold", "A hold was ended by somebody; what waited for it is reminded of again."),
    ("hold.updated", "hold", "A hold's last day or note changed."),
    ("import.finished", "operation", "A file was imported, wholly or as far as its rows were good."),
    ("import_profile.created", "import_profile", "How files of one kind are read was kept under a name."),
    ("import_profile.deleted", "import_profile", "A way to read files is not kept any more."),
    ("import_profile.updated", "import_profile", "How files of one kind are read changed."),
    ("ledger_policy.updated", "ledger_policy", "How the ledger decides where nobody says was changed."),
    ("letter_settings.updated", "letter_settings", "How letters are numbered was changed."),
    (
        "notice.awaiting_confirmation",
        "notice",
        "The provider took a notice; a person still has to confirm that it goes out.",
    ),
    ("notice.bounced", "notice", "The address of a notice takes no messages; it is not written to any more."),
    ("notice.cancelled", "notice", "A queued notice is not sent any more, because what it says is not true any more."),
    ("notice.clicked", "notice", "A link in a notice was followed."),
    ("notice.delivered", "notice", "A notice arrived at its recipient's."),
    ("notice.failed", "notice", "A notice could not be sent or did not arrive, and is not tried again."),
    ("notice.proposed", "notice", "A notice was written and waits for somebody to release it."),
    ("notice.queued", "notice", "A notice was rendered and waits to be sent."),
    ("notice.read", "notice", "A notice was read."),
    ("notice.replied", "notice", "Somebody answered a notice; the receipt beside it holds the text."),
    ("notice.sent", "notice", "The message provider accepted a notice."),
    ("notice.unknown", "notice", "Nobody can tell whether a notice was sent; it is not sent again."),
    ("payment.allocated", "payment", "Unapplied money of a payment was assigned to receivables."),
    ("payment.recorded", "payment", "Money was received and assigned to receivables."),
    ("payment.refunded", "payment", "Unapplied money of a payment was given back."),
    (
        "payment.reversed",
        "payment",
        "A payment bounced, was charged back or was a mistake; what it had settled is open again.",
    ),
    ("payment.unallocated", "payment", "An allocation of a payment was taken back; the money is unapplied."),
    (
        "plan_assignment.created",
        "plan_assignment",
        "A rule began to choose a reminder plan for customers of a segment.",
    ),
    ("plan_assignment.deleted", "plan_assignment", "A rule that chose a reminder plan is gone."),
    ("plan_assignment.updated", "plan_assignment", "A rule that chooses a reminder plan changed."),
    (
        "plan_assignments.apply_requested",
        "plan_reevaluation",
        "Cases in which nothing has happened yet are to get the plan that applies now.",
    ),
    ("receivable.cancelled", "receivable", "A receivable was never owed; it ends."),
    ("receivable.collection_schedule_changed", "receivable", "The days on which its money is planned to come changed."),
    ("receivable.created", "receivable", "A receivable was registered."),
    (
        "receivable.delivery_recorded",
        "receivable",
        "It became known when and how an invoice, or what it is for, was delivered, or that was corrected.",
    ),
    ("receivable.document_linked", "document", "A document was linked to a receivable."),
    ("receivable.document_removed", "document", "A document link of a receivable was removed."),
    ("receivable.lines_replaced", "receivable", "The lines of a receivable's invoice were replaced."),
    ("receivable.overdue", "receivable", "A receivable's due date passed with an amount still open."),
    ("receivable.paid", "receivable", "Nothing is open on a receivable any more."),
    ("receivable.partly_paid", "receivable", "A part of a receivable was paid."),
    ("receivable.planned_date_missed", "receivable", "A planned collection date passed and its amount had not come."),
    ("receivable.reopened", "receivable", "A payment that had settled a receivable was taken back; it is open again."),
    ("receivable.updated", "receivable", "A receivable's fields changed."),
    ("receivable.written_off", "receivable", "What was still open of a receivable was given up."),
    (
        "reconciliation.completed",
        "reconciliation",
        "Every difference to a customer's list is resolved, or there was none.",
    ),
    ("reconciliation.created", "reconciliation", "A customer's own list of open items was compared with ours."),
    ("reconciliation.difference_resolved", "reconciliation_item", "What a difference came from was found and settled."),
    ("reminder_plan.paused", "reminder_plan", "All cases of a plan wait, and nothing is sent for it."),
    ("reminder_plan.published", "reminder_plan", "A version of a reminder plan took effect."),
    (
        "reminder_plan.put_in_shadow",
        "reminder_plan",
        "A plan is only tried from now on: its cases say what would be done.",
    ),
    ("reminder_plan.resumed", "reminder_plan", "The cases of a paused plan go on."),
    ("reminder_plan.went_live", "reminder_plan", "A plan is not only tried any more."),
    ("reminder_run.cancelled", "reminder_run", "A run ended; what was left in it waits for the next one."),
    ("reminder_run.opened", "reminder_run", "Notices that wait for their release were collected."),
    ("reminder_run.released", "reminder_run", "Everything in a run was released, excluded or withdrawn."),
    (
        "reminder_settings.deleted",
        "reminder_settings",
        "A receivable is reminded as all others again; these settings held for it.",
    ),
    ("reminder_settings.updated", "reminder_settings", "How one receivable is reminded was set or changed."),
    ("segment.created", "segment", "A question about customers was kept under a name."),
    ("segment.deleted", "segment", "A segment is not kept any more."),
    ("segment.updated", "segment", "A segment's name or what it asks changed."),
    ("task.cancelled", "task", "A task is not wanted any more."),
    ("task.completed", "task", "A task was done."),
    ("task.created", "task", "A task was opened, by hand or by a step of a plan."),
    ("task.updated", "task", "A task's fields changed."),
    ("template.created", "template", "A template was written."),
    ("template.updated", "template", "A template changed."),
    ("user.activated", "user", "A user followed an invitation and set a password."),
    ("user.disabled", "user", "A user was shut out; tokens and pending sign-ins are good for nothing."),
    ("user.enabled", "user", "A user who was shut out may sign in again."),
    ("user.invited", "user", "A user was invited to work for the tenant."),
    ("user.updated", "user", "A user's fields or second factor changed."),
    ("webhook_endpoint.created", "webhook_endpoint", "A webhook endpoint was registered."),
    ("webhook_endpoint.deleted", "webhook_endpoint", "A webhook endpoint was removed."),
    (
        "webhook_endpoint.disabled",
        "webhook_endpoint",
        "A webhook endpoint was switched off, by request or by its failures.",
    ),
    ("webhook_endpoint.updated", "webhook_endpoint", "A webhook endpoint's fields changed."),
    ("write_off.posted", "write_off", "A part of a receivable was given up."),
    ("write_off.rejected", "write_off", "A second person refused to give up a part of a receivable."),
    ("write_off.requested", "write_off", "A part of a receivable is to be given up; a second person has to decide."),
    ("write_off.reversed", "write_off", "What was given up is open again."),
)

EVENT_TYPES: dict[str, EventType] = {kind: EventType(kind, holds, told) for kind, holds, told in _LINES}


def webhook_catalogue() -> dict[str, object]:
    """The published document (openapi/webhooks.json): how a webhook looks and which types there are."""
    return {
        "headers": {
            "webhook-id": "The event's id, the same over all attempts: remember it to handle each event once.",
            "webhook-timestamp": "When this attempt was made, in seconds since 1970-01-01T00:00:00Z.",
            "webhook-signature": "Standard Webhooks 1.0: `v1,<base64>` of HMAC-SHA256 over id.timestamp.body, space-separated.",
        },
        "body": {
            "type": "One of the types below.",
            "timestamp": "When it happened, in the tenant's time (RFC 3339, UTC).",
            "id": "The event's id.",
            "sequence": "The event's number, without gaps within the tenant.",
            "tenant_id": "Whose event it is.",
            "data": "The object as it was when it happened, under the key named below. E-mail addresses and phone numbers are masked"
            " unless the endpoint has include_pii.",
        },
        "event_types": [
            {"type": line.type, "object": line.object, "description": line.description} for line in EVENT_TYPES.values()
        ],
    }
