"""Shipped texts in simplified Chinese, as a supplier's finance department writes them."""

_FOOTER = """
如贵司已安排付款，请忽略本邮件，并感谢您的支持。如对账款有任何疑问，请直接回复本邮件与我们联系。

顺颂商祺！

{{ company_name }}
财务部
{{ today }}
"""

_FACTS = """{% if receivables_text != "" %}
{{ receivables_text }}

  应付金额：{{ due_amount }}{% else %}
  账单编号：{{ number }}
  账单日期：{{ issued_on }}
  到期日期：{{ due_on }}
  账单金额：{{ amount }}
  未付金额：{{ open_amount }}{% if disputed_amount != "" %}
  争议金额：{{ disputed_amount }}
  应付金额：{{ due_amount }}{% endif %}{% endif %}
"""

TEXTS = {
    "friendly_reminder": (
        "【付款提醒】账单 {{ number }} 到期日为 {{ due_on }}",
        """{{ customer_name }}
{{ contact_name }} 您好：

感谢贵司一直以来的支持与合作。
{% if days_overdue != "0" -%}
现友好提醒，贵司以下账单已于{{ due_on }}到期：
{%- else -%}
现友好提醒，贵司以下账单将于{{ due_on }}到期：
{%- endif %}
"""
        + _FACTS
        + """
烦请贵司核对后安排付款，应付金额为 {{ due_amount }}。
"""
        + _FOOTER,
    ),
    "overdue_notice": (
        "【逾期提醒】账单 {{ number }} 已逾期 {{ days_overdue }} 天，应付金额 {{ due_amount }}",
        """{{ customer_name }}
{{ contact_name }} 您好：

经核对，截至今日，贵司以下账单已逾期 {{ days_overdue }} 天，我司尚未收到全部款项：
"""
        + _FACTS
        + """
烦请贵司尽快安排支付 {{ due_amount }}，或告知我们预计的付款日期。
"""
        + _FOOTER,
    ),
    "firm_notice": (
        "【催款函】账单 {{ number }} 已逾期 {{ days_overdue }} 天，请尽快付款",
        """{{ customer_name }}
{{ contact_name }} 您好：

我司此前已就以下账单与贵司联系，截至今日该账单已逾期 {{ days_overdue }} 天，款项仍未付清：
"""
        + _FACTS
        + """
请贵司于近日内支付应付金额 {{ due_amount }}。如付款存在困难或对账款有异议，请及时告知，以便双方共同协商解决。
"""
        + _FOOTER,
    ),
    "final_notice": (
        "【最后付款通知】账单 {{ number }} 应付金额 {{ due_amount }}",
        """{{ customer_name }}
{{ contact_name }} 您好：

经我司多次提醒，贵司以下账单截至今日已逾期 {{ days_overdue }} 天，仍未付清：
"""
        + _FACTS
        + """
本函为我司就该账单发出的最后一次书面提醒。请贵司尽快付清 {{ due_amount }}，或与我们联系，商定付款安排。
如未收到贵司回复，我司将把此事提交公司管理层研究后续处理。
"""
        + _FOOTER,
    ),
}
