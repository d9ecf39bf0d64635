"""How each operation of the API is called so that it succeeds: the matrix of test_matrix.py runs over these.

A new route is one line in REST (by operation id), a new GraphQL field one line in FIELDS. `$name` stands for an object of the
world that `tests/api/world.py` makes; "$" in a path is that object's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what stands in the path, the JSON body (or text), the query."""

    target: str = ""
    body: Any = None
    query: str = ""
    status: int | None = None
    """What the rightful caller gets, if it is not just any 2xx."""


MONEY = {"amount": "10.00", "currency": "CNY"}
TENANT = {"name": "T", "mode": "sandbox", "base_currency": "CNY", "time_zone": "UTC", "locale": "en"}
RECEIVABLE = {
    "number": "N",
    "amount": MONEY,
    "issued_on": "2026-01-01",
    "due_on": "2026-02-01",
    "customer_id": "$customer",
}
STEP = {"key": "a", "offset_days": 1, "time_of_day": "09:00", "action": {"type": "email", "template": "overdue_notice"}}
CSV = "external_id,name\nc-77,Neu\n"
TEMPLATE = {"key": "k1", "locale": "en", "subject": "s", "body": "b"}
LATER = "2026-06-01T00:00:00Z"

REST: dict[str, Call] = {
    "ListTenants": Call(),
    "CreateTenant": Call(body=TENANT),
    "GetTenant": Call("$tenant"),
    "ListClients": Call("$tenant"),
    "CreateClient": Call("$tenant", {"name": "n", "scopes": ["customers:read"]}),
    "GetClock": Call(),
    "AdvanceClock": Call(body={"to": LATER}),
    "ListOperations": Call(),
    "GetOperation": Call("$operation"),
    "ListOperationErrors": Call("$operation"),
    "CreateCustomer": Call(body={"name": "n"}),
    "ListCustomers": Call(),
    "GetCustomer": Call("$customer"),
    "UpdateCustomer": Call("$customer", {"metadata": {"n": 1}}),
    "GetCustomerByExternalId": Call("$external"),
    "PutCustomer": Call("$external", {"name": "n"}),
    "ListContacts": Call("$customer"),
    "CreateContact": Call("$customer", {"name": "n"}),
    "UpdateContact": Call("$contact", {"name": "n"}),
    "GetContact": Call("$contact"),
    "DeleteContact": Call("$spare_contact"),
    "ListReceivables": Call(),
    "CreateReceivable": Call(body=RECEIVABLE),
    "UpdateReceivable": Call("$receivable", {"number": "M"}),
    "GetReceivable": Call("$receivable"),
    "PutReceivable": Call("$external", RECEIVABLE),
    "GetReceivableByExternalId": Call("$external"),
    "ListEntries": Call("$receivable"),
    "ListPayments": Call(),
    "RecordPayment": Call(body={"customer_id": "$customer", "amount": MONEY, "received_on": "2026-01-05"}),
    "GetPayment": Call("$payment"),
    "GetPaymentByExternalId": Call("$external"),
    "CreateImport": Call(body=CSV, query="?kind=customers"),
    "ListEvents": Call(),
    "GetEvent": Call("$event"),
    "ListWebhookEndpoints": Call(),
    "CreateWebhookEndpoint": Call(body={"url": "https://hooks.example/n", "event_types": ["customer.*"]}),
    "DeleteWebhookEndpoint": Call("$spare_endpoint"),
    "UpdateWebhookEndpoint": Call("$endpoint", {"description": "d"}),
    "GetWebhookEndpoint": Call("$endpoint"),
    "ListWebhookDeliveries": Call(),
    "GetWebhookDelivery": Call("$delivery"),
    "ListWebhookAttempts": Call("$delivery"),
    "ListReminderPlans": Call(),
    "CreateReminderPlan": Call(body={"name": "n", "steps": [STEP]}),
    "UpdateReminderPlan": Call("$plan", {"name": "n"}),
    "GetReminderPlan": Call("$plan"),
    "PublishReminderPlan": Call("$draft_plan"),
    "ListCases": Call(),
    "GetCase": Call("$case"),
    "GetCaseTimeline": Call("$case"),
    "ListActivities": Call(),
    "RecordActivity": Call(body={"customer_id": "$customer", "kind": "note", "summary": "s"}),
    "GetActivity": Call("$activity"),
    "ListTasks": Call(),
    "CreateTask": Call(body={"title": "t", "customer_id": "$customer"}),
    "GetTask": Call("$task"),
    "UpdateTask": Call("$task", {"title": "u"}),
    "CompleteTask": Call("$task_to_complete", {}),
    "CancelTask": Call("$task_to_cancel"),
    "ListEscalations": Call(),
    "GetEscalation": Call("$escalation"),
    "ListTemplates": Call(),
    "CreateTemplate": Call(body=TEMPLATE),
    "UpdateTemplate": Call("$template", {"subject": "t"}),
    "GetTemplate": Call("$template"),
    "ListNotices": Call(),
    "GetNotice": Call("$notice"),
    "ListDeliveries": Call("$notice"),
    "ListAuditEntries": Call(),
    "VerifyAuditLog": Call(),
    "GetAuditEntry": Call("$audit_entry"),
}

_RECEIVABLE = (
    '{number: "N", amount: {amount: "10.00", currency: "CNY"}, issuedOn: "2026-01-01", dueOn: "2026-02-01",'
    ' customerId: "$customer"}'
)
_STEPS = 'steps: [{key: "a", offsetDays: 1, timeOfDay: "09:00", action: {type: "email", template: "overdue_notice"}}]'
# Arguments of each field of Query and Mutation; the selection is made of all its plain fields.
FIELDS: dict[str, str] = {
    "tenant": 'id: "$tenant"',
    "tenants": "",
    "clients": 'tenantId: "$tenant"',
    "clock": "",
    "operation": 'id: "$operation"',
    "operations": "",
    "operationErrors": 'operationId: "$operation"',
    "customer": 'id: "$customer"',
    "customerByExternalId": 'externalId: "$external"',
    "customers": "",
    "contact": 'id: "$contact"',
    "contacts": 'customerId: "$customer"',
    "receivable": 'id: "$receivable"',
    "receivableByExternalId": 'externalId: "$external"',
    "receivables": "",
    "entries": 'receivableId: "$receivable"',
    "payment": 'id: "$payment"',
    "paymentByExternalId": 'externalId: "$external"',
    "payments": "",
    "event": 'id: "$event"',
    "events": "",
    "webhookEndpoint": 'id: "$endpoint"',
    "webhookEndpoints": "",
    "webhookDelivery": 'id: "$delivery"',
    "webhookDeliveries": "",
    "webhookAttempts": 'deliveryId: "$delivery"',
    "reminderPlan": 'id: "$plan"',
    "reminderPlans": "",
    "case": 'id: "$case"',
    "cases": "",
    "caseTimeline": 'id: "$case"',
    "activity": 'id: "$activity"',
    "activities": "",
    "task": 'id: "$task"',
    "tasks": "",
    "escalation": 'id: "$escalation"',
    "escalations": "",
    "template": 'id: "$template"',
    "templates": "",
    "notice": 'id: "$notice"',
    "notices": "",
    "deliveries": 'noticeId: "$notice"',
    "auditEntry": 'id: "$audit_entry"',
    "auditEntries": "",
    "auditVerification": "",
    "createTenant": 'input: {name: "T", mode: "sandbox", baseCurrency: "CNY", timeZone: "UTC", locale: "en"}',
    "createClient": 'tenantId: "$tenant", input: {name: "n", scopes: ["customers:read"]}',
    "advanceClock": f'input: {{to: "{LATER}"}}',
    "createCustomer": 'input: {name: "n"}',
    "putCustomer": 'externalId: "$external", input: {name: "n2"}',
    "updateCustomer": 'id: "$customer", input: {metadata: {n: 2}}',
    "createContact": 'customerId: "$customer", input: {name: "n"}',
    "updateContact": 'id: "$contact", input: {name: "n2"}',
    "deleteContact": 'id: "$spare_contact"',
    "createReceivable": f"input: {_RECEIVABLE}",
    "putReceivable": f'externalId: "$external", input: {_RECEIVABLE.replace("10.00", "11.00")}',
    "updateReceivable": 'id: "$receivable", input: {number: "M2"}',
    "recordPayment": (
        'input: {customerId: "$customer", amount: {amount: "1.00", currency: "CNY"}, receivedOn: "2026-01-05"}'
    ),
    "createImport": f'kind: "customers", content: {CSV!r}'.replace("'", '"'),
    "createWebhookEndpoint": 'input: {url: "https://hooks.example/n"}',
    "updateWebhookEndpoint": 'id: "$endpoint", input: {description: "d2"}',
    "deleteWebhookEndpoint": 'id: "$spare_endpoint"',
    "createReminderPlan": f'input: {{name: "n", {_STEPS}}}',
    "updateReminderPlan": 'id: "$plan", input: {name: "n2"}',
    "publishReminderPlan": 'id: "$draft_plan"',
    "recordActivity": 'input: {customerId: "$customer", kind: "note", summary: "s"}',
    "createTask": 'input: {title: "t", customerId: "$customer"}',
    "updateTask": 'id: "$task", input: {title: "u2"}',
    "completeTask": 'id: "$task_to_complete"',
    "cancelTask": 'id: "$task_to_cancel"',
    "createTemplate": 'input: {key: "k2", locale: "en", subject: "s", body: "b"}',
    "updateTemplate": 'id: "$template", input: {subject: "t2"}',
}
