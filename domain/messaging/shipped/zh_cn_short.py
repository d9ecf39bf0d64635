"""Shipped texts in simplified Chinese for channels without a subject, and alerts to the own staff."""

_SIGNED = "{{ company_name }}："

_DUE = "应付 {{ total_due_amount }}"
_OVERDUE = "账单 {{ numbers }} 已逾期 {{ days_overdue }} 天，" + _DUE + "。"

SHORT = {
    "friendly_reminder": _SIGNED
    + "{{ contact_name }}您好，友情提醒：账单 {{ numbers }}，"
    + _DUE
    + "，{% if days_overdue != '0' %}已{% else %}将{% endif %}于{{ due_on }}到期。如已安排付款，请忽略，感谢支持。",
    "due_today": _SIGNED
    + "{{ contact_name }}您好，账单 {{ numbers }}，"
    + _DUE
    + "，于{{ due_on }}到期。如已安排付款，请忽略，感谢支持。",
    "overdue_notice": _SIGNED + "{{ contact_name }}您好，" + _OVERDUE + "烦请尽快安排，或告知预计付款日期。",
    "firm_notice": _SIGNED
    + "{{ customer_name }}：经我司此前提醒，账单 {{ numbers }} 仍未付清，已逾期 {{ days_overdue }} 天，"
    + _DUE
    + "。请于近日内支付；如有困难或异议，请及时与我们联系。",
    "final_notice": _SIGNED
    + "{{ customer_name }}："
    + _OVERDUE
    + "此为最后一次书面提醒，请{% if new_due_on != '' %}于{{ new_due_on }}前{% else %}尽快{% endif %}付清，"
    + "或与我们商定付款安排。",
    "payment_schedule_request": _SIGNED
    + "{{ contact_name }}您好，"
    + _OVERDUE
    + "请{% if new_due_on != '' %}于{{ new_due_on }}前{% endif %}告知明确的付款计划，感谢配合。",
    "how_we_contact_you": _SIGNED
    + "我司付款提醒均注明账单编号、金额与到期日，不会索取密码或验证码，也不会通过消息通知更换收款账户。"
    + "如有疑问，请与您熟悉的联系人核实。",
}

STAFF_ALERT = """{{ customer_name }} 逾期 {{ days_overdue }} 天，应付 {{ total_due_amount }}
{% if count == "1" %}账单 {{ number }}，到期日 {{ due_on }}{% else %}共 {{ count }} 笔账单，最早到期日 {{ due_on }}{% endif %}
联系人：{{ contact_name }}
"""
