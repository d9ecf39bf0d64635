"""Shipped texts in English for channels without a subject, and alerts to the own staff."""

_SIGNED = " {{ company_name }}"

_FACTS = "invoice {{ numbers }}, {{ total_due_amount }}"

SHORT = {
    "friendly_reminder": "Dear {{ contact_name }}, a friendly reminder: "
    + _FACTS
    + ", {% if days_overdue != '0' %}was{% else %}is{% endif %} due on {{ due_on }}. If you have paid already, thank you."
    + _SIGNED,
    "due_today": "Dear {{ contact_name }}, "
    + _FACTS
    + ", falls due on {{ due_on }}. If payment is on its way, thank you."
    + _SIGNED,
    "overdue_notice": "Dear {{ contact_name }}, "
    + _FACTS
    + ", has been overdue for {{ days_overdue }} days. Please arrange payment, or tell us when to expect it."
    + _SIGNED,
    "firm_notice": "{{ customer_name }}: "
    + _FACTS
    + ", is {{ days_overdue }} days overdue despite our reminders. Please pay within the next days or contact us."
    + _SIGNED,
    "final_notice": "{{ customer_name }}: final reminder of "
    + _FACTS
    + ", {{ days_overdue }} days overdue. Please settle it or contact us"
    + "{% if new_due_on != '' %} by {{ new_due_on }}{% endif %}."
    + _SIGNED,
    "payment_schedule_request": "Dear {{ contact_name }}, please send us a payment schedule for "
    + _FACTS
    + ", {{ days_overdue }} days overdue{% if new_due_on != '' %}, by {{ new_due_on }}{% endif %}."
    + _SIGNED,
    "how_we_contact_you": "{{ company_name }}: our payment reminders always state invoice number, amount and due date."
    + " We never ask for passwords or codes, and never announce a new bank account by message.",
}

STAFF_ALERT = """{{ customer_name }}: {{ total_due_amount }} overdue, {{ days_overdue }} days
{% if count == "1" %}Invoice {{ number }}, due {{ due_on }}{% else %}{{ count }} invoices, the first due {{ due_on }}{% endif %}
Contact: {{ contact_name }}
"""
