"""Shipped e-mails in English; about one invoice, or about several."""

_FOOTER = """
If you have already paid, please accept our thanks and disregard this
message. If anything about this invoice is unclear, simply reply to this
e-mail.

Kind regards
{{ company_name }}
Accounts Receivable
"""

_FACTS = """{% if count == "1" %}
  Invoice:      {{ number }}
  Issued:       {{ issued_on }}
  Due:          {{ due_on }}
  Amount:       {{ amount }}
  Open amount:  {{ open_amount }}{% if disputed_amount != "" %}
  In dispute:   {{ disputed_amount }}
  Due now:      {{ due_amount }}{% endif %}{% else %}
{{ receivables_text }}

  Total due:    {{ total_due_amount }}{% endif %}
"""


TEXTS = {
    "friendly_reminder": (
        "Payment reminder: invoice {{ numbers }}, due {{ due_on }}",
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
We would be grateful for your payment of {{ total_due_amount }} by the due date,
or shortly if that date has passed.
"""
        + _FOOTER,
    ),
    "overdue_notice": (
        "Overdue: invoice {{ numbers }}, {{ total_due_amount }} was due on {{ due_on }}",
        """Dear {{ contact_name }},

according to our records, the following invoice to {{ customer_name }}
was due on {{ due_on }} and has not been paid in full
(days overdue: {{ days_overdue }}):
"""
        + _FACTS
        + """
Please arrange the payment of {{ total_due_amount }} at your earliest convenience,
or let us know when we may expect it.
"""
        + _FOOTER,
    ),
    "firm_notice": (
        "Second notice: invoice {{ numbers }}, {{ total_due_amount }} overdue since {{ due_on }}",
        """Dear {{ contact_name }},

we have written to you before about the following invoice to
{{ customer_name }}, which is still open (days overdue: {{ days_overdue }}):
"""
        + _FACTS
        + """
Please transfer the amount of {{ total_due_amount }} within the next few days.
Should there be a reason that prevents payment, please tell us, so that we
can look for a solution together.
"""
        + _FOOTER,
    ),
    "final_notice": (
        "Final notice: invoice {{ numbers }}, {{ total_due_amount }} outstanding",
        """Dear {{ contact_name }},

despite our earlier reminders, the following invoice to
{{ customer_name }} is still open (days overdue: {{ days_overdue }}):
"""
        + _FACTS
        + """
This is our final written reminder for this invoice. Please settle
{{ total_due_amount }} without further delay, or contact us so that we can agree
on how and when it will be paid. If we do not hear from you, we will ask
our management to decide how to proceed.
"""
        + _FOOTER,
    ),
    "due_today": (
        "Due today: invoice {{ numbers }}, {{ total_due_amount }}",
        """Dear {{ contact_name }},

this is a brief note that the following invoice to {{ customer_name }}
falls due on {{ due_on }}:
"""
        + _FACTS
        + """
If the payment of {{ total_due_amount }} is already on its way, there is
nothing more to do.
"""
        + _FOOTER,
    ),
    "payment_schedule_request": (
        "Payment schedule requested: invoice {{ numbers }}, {{ total_due_amount }}",
        """Dear {{ contact_name }},

the following invoice to {{ customer_name }} is still open
(days overdue: {{ days_overdue }}):
"""
        + _FACTS
        + """
Please send us a binding payment schedule{% if new_due_on != "" %} by {{ new_due_on }}{% endif %}: on which days
you will pay which amounts until {{ total_due_amount }} is settled. A reply to
this e-mail is sufficient. If an approval or a document is still missing on
your side, please name it, and we will provide it at once.
"""
        + _FOOTER,
    ),
    "lawyer_letter": (
        "Last demand before legal action: invoice {{ numbers }}, {{ total_due_amount }}",
        """Dear {{ contact_name }},

attached you find our last demand for payment before legal action. It concerns
the following invoice to {{ customer_name }} (days overdue: {{ days_overdue }}):
"""
        + _FACTS
        + """
Please settle {{ total_due_amount }}{% if new_due_on != "" %} by {{ new_due_on }}{% else %} without further delay{% endif %}.
If you contest the claim, or wish to propose a payment schedule, please answer
within the same period.
"""
        + _FOOTER,
    ),
    "how_we_contact_you": (
        "How {{ company_name }} will contact you about payments",
        """Dear {{ contact_name }},

we remind our customers of invoices in good time. So that you can tell our
messages from fraudulent ones, this is how we do it:

  - We write in the name of {{ company_name }} and always state the
    invoice number, the amount and the due date.
  - We never ask for passwords or verification codes.
  - We never announce a new bank account by e-mail or text message. If a
    message says so, please do not pay, but call the person you know.

If you doubt a message, ask us through the contact you already have.

Kind regards
{{ company_name }}
Accounts Receivable
""",
    ),
}
