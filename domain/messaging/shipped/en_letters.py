"""Shipped letters in English. The page adds sender, recipient, number, dates and the list of invoices."""

_CLOSE = """
Yours faithfully

{{ company_name }}
"""
_BY = '{% if new_due_on != "" %} by {{ new_due_on }} at the latest{% else %} without further delay{% endif %}'

LETTERS = {
    "formal_letter": (
        "Formal demand for payment",
        """Dear {{ contact_name }},

according to our books, the invoices listed below have not been paid in full, although they have fallen due \
and we have reminded you of them. We hereby formally demand payment of {{ total_due_amount }}"""
        + _BY
        + """.

If you contest any of these amounts, please let us know in writing within the same period, with your reasons. \
If you cannot pay at once, please propose a payment schedule.

Should the period expire without payment or answer, we shall have to reconsider the terms of our further \
cooperation and reserve all our rights under the contract and the law.
"""
        + _CLOSE,
    ),
    "payment_schedule_request": (
        "Request for a payment schedule",
        """Dear {{ contact_name }},

the invoices listed below, {{ total_due_amount }} in total, are overdue. Please send us"""
        + _BY
        + """ a binding payment schedule that states on which days you will pay which amounts.
"""
        + _CLOSE,
    ),
    "lawyer_letter": (
        "Last demand before legal action",
        """Dear {{ contact_name }},

the invoices listed below have been overdue for up to {{ days_overdue }} days. Our reminders have remained \
without payment. We demand payment of {{ total_due_amount }}"""
        + _BY
        + """.

Should this period expire without result, we shall instruct our lawyers to enforce the claim without further \
notice. The costs of the proceedings, lawyers' fees and interest for late payment will be claimed as far as \
the contract and the law provide for it.

This letter may be submitted as evidence that payment was demanded.
"""
        + _CLOSE,
    ),
}
