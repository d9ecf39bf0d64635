"""Shipped texts in English for channels without a subject, and alerts to the own staff."""

_MORE = '{% unless count == "1" %} and others ({{ count }}){% endunless %}'
_SIGNED = " {{ company_name }}"

SHORT = {
    "friendly_reminder": "Dear {{ contact_name }}, a friendly reminder: invoice {{ number }}"
    + _MORE
    + ", {{ total_due_amount }}, {% if days_overdue != '0' %}was{% else %}is{% endif %} due on {{ due_on }}."
    + " If you have paid already, thank you."
    + _SIGNED,
    "due_today": "Dear {{ contact_name }}, invoice {{ number }}"
    + _MORE
    + ", {{ total_due_amount }}, falls due on {{ due_on }}. If payment is on its way, thank you."
    + _SIGNED,
    "overdue_notice": "Dear {{ contact_name }}, invoice {{ number }}"
    + _MORE
    + ", {{ total_due_amount }}, has been overdue for {{ days_overdue }} days."
    + " Please arrange payment, or tell us when to expect it."
    + _SIGNED,
    "firm_notice": "{{ customer_name }}: invoice {{ number }}"
    + _MORE
    + ", {{ total_due_amount }}, is {{ days_overdue }} days overdue despite our reminders."
    + " Please pay within the next days or contact us."
    + _SIGNED,
    "final_notice": "{{ customer_name }}: final reminder of invoice {{ number }}"
    + _MORE
    + ", {{ total_due_amount }}, {{ days_overdue }} days overdue. Please settle it or contact us"
    + "{% if new_due_on != '' %} by {{ new_due_on }}{% endif %}."
    + _SIGNED,
    "payment_schedule_request": "Dear {{ contact_name }}, please send us a payment schedule for invoice {{ number }}"
    + _MORE
    + ", {{ total_due_amount }}, {{ days_overdue }} days overdue{% if new_due_on != '' %}, by {{ new_due_on }}{% endif %}."
    + _SIGNED,
    "how_we_contact_you": "{{ company_name }}: our payment reminders always state invoice number, amount and due date."
    + " We never ask for passwords or codes, and never announce a new bank account by message.",
}

STAFF_ALERT = """{{ customer_name }}: {{ total_due_amount }} overdue, {{ days_overdue }} days
{% if count == "1" %}Invoice {{ number }}, due {{ due_on }}{% else %}{{ count }} invoices, the first due {{ due_on }}{% endif %}
Contact: {{ contact_name }}
"""
