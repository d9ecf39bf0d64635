"""Shipped letters in simplified Chinese. The page adds sender, recipient, number, dates and the list of bills."""

_CLOSE = """
特此函告。

{{ company_name }}
{{ today }}
"""
_BY = '{% if new_due_on != "" %}于{{ new_due_on }}前{% else %}自收到本函之日起尽快{% endif %}'

LETTERS = {
    "formal_letter": (
        "催款函",
        """{{ customer_name }}
{{ contact_name }}：

经核对，贵司下列账单已过约定付款期限，虽经我司提醒，款项至今尚未付清，\
应付金额合计 {{ total_due_amount }}。

现正式函请贵司"""
        + _BY
        + """付清上述款项。如对账单金额有异议，请在上述期限内书面说明理由；\
如一次性付款确有困难，请提出明确的付款计划。

如逾期未付款亦未答复，我司将重新评估双方后续的合作条件，\
并保留依照合同及法律主张权利的一切权利。
"""
        + _CLOSE,
    ),
    "payment_schedule_request": (
        "关于提供付款计划的函",
        """{{ customer_name }}
{{ contact_name }}：

贵司下列账单已逾期，应付金额合计 {{ total_due_amount }}。请贵司"""
        + _BY
        + """书面提供明确的付款计划，写明各期付款日期与金额。
"""
        + _CLOSE,
    ),
    "lawyer_letter": (
        "诉前催告函",
        """{{ customer_name }}
{{ contact_name }}：

贵司下列账单逾期最长已达 {{ days_overdue }} 天，经我司多次催告仍未付清，\
应付金额合计 {{ total_due_amount }}。

现郑重函告：请贵司"""
        + _BY
        + """付清上述款项。逾期仍未履行的，我司将委托律师依法主张权利，\
届时由此产生的诉讼费、律师费及逾期付款利息，将依照合同约定及法律规定由贵司承担。

本函可作为我司已履行催告义务的证明。
"""
        + _CLOSE,
    ),
}
