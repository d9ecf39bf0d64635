"""Shipped texts in English."""

_FOOTER = """
If you have already paid, please accept our thanks and disregard this
message. If anything about this invoice is unclear, simply reply to this
e-mail.

Kind regards
{{ company_name }}
Accounts Receivable
"""

_FACTS = """{% if receivables_text != "" %}
{{ receivables_text }}

  Due now:      {{ due_amount }}{% else %}
  Invoice:      {{ number }}
  Issued:       {{ issued_on }}
  Due:          {{ due_on }}
  Amount:       {{ amount }}
  Open amount:  {{ open_amount }}{% if disputed_amount != "" %}
  In dispute:   {{ disputed_amount }}
  Due now:      {{ due_amount }}{% endif %}{% endif %}
"""

TEXTS = {
    "friendly_reminder": (
        "Payment reminder: invoice {{ number }}, due {{ due_on }}",
        """Dear {{ contact_name }},

{% if days_overdue != "0" -%}
this is a friendly reminder that the following invoice to
{{ customer_name }} was due on {{ due_on }}:
{%- else -%}
this is a friendly reminder that the following invoice to
{{ customer_name }} is due on {{ due_on }}:
{%- endif %}
"""
        + _FACTS
        + """
We would be grateful for your payment of {{ due_amount }} by the due date,
or shortly if that date has passed.
"""
        + _FOOTER,
    ),
    "overdue_notice": (
        "Overdue: invoice {{ number }}, {{ due_amount }} was due on {{ due_on }}",
        """Dear {{ contact_name }},

according to our records, the following invoice to {{ customer_name }}
was due on {{ due_on }} and has not been paid in full
(days overdue: {{ days_overdue }}):
"""
        + _FACTS
        + """
Please arrange the payment of {{ due_amount }} at your earliest convenience,
or let us know when we may expect it.
"""
        + _FOOTER,
    ),
    "firm_notice": (
        "Second notice: invoice {{ number }}, {{ due_amount }} overdue since {{ due_on }}",
        """Dear {{ contact_name }},

we have written to you before about the following invoice to
{{ customer_name }}, which is still open (days overdue: {{ days_overdue }}):
"""
        + _FACTS
        + """
Please transfer the amount of {{ due_amount }} within the next few days.
Should there be a reason that prevents payment, please tell us, so that we
can look for a solution together.
"""
        + _FOOTER,
    ),
    "final_notice": (
        "Final notice: invoice {{ number }}, {{ due_amount }} outstanding",
        """Dear {{ contact_name }},

despite our earlier reminders, the following invoice to
{{ customer_name }} is still open (days overdue: {{ days_overdue }}):
"""
        + _FACTS
        + """
This is our final written reminder for this invoice. Please settle
{{ due_amount }} without further delay, or contact us so that we can agree
on how and when it will be paid. If we do not hear from you, we will ask
our management to decide how to proceed.
"""
        + _FOOTER,
    ),
}
