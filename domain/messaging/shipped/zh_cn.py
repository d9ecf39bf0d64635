"""Shipped e-mails in simplified Chinese, about one bill or several, as a supplier's finance department writes them."""

_FOOTER = """
如贵司已安排付款，请忽略本邮件，并感谢您的支持。如对账款有任何疑问，请直接回复本邮件与我们联系。

顺颂商祺！

{{ company_name }}
财务部
{{ today }}
"""

_FACTS = """{% if count == "1" %}
  账单编号：{{ number }}
  账单日期：{{ issued_on }}
  到期日期：{{ due_on }}
  账单金额：{{ amount }}
  未付金额：{{ open_amount }}{% if disputed_amount != "" %}
  争议金额：{{ disputed_amount }}
  应付金额：{{ due_amount }}{% endif %}{% else %}
{{ receivables_text }}

  应付合计：{{ total_due_amount }}{% endif %}
"""


TEXTS = {
    "friendly_reminder": (
        "【付款提醒】账单 {{ numbers }} 到期日为 {{ due_on }}",
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
烦请贵司核对后安排付款，应付金额为 {{ total_due_amount }}。
"""
        + _FOOTER,
    ),
    "overdue_notice": (
        "【逾期提醒】账单 {{ numbers }} 已逾期 {{ days_overdue }} 天，应付金额 {{ total_due_amount }}",
        """{{ customer_name }}
{{ contact_name }} 您好：

经核对，截至今日，贵司以下账单已逾期 {{ days_overdue }} 天，我司尚未收到全部款项：
"""
        + _FACTS
        + """
烦请贵司尽快安排支付 {{ total_due_amount }}，或告知我们预计的付款日期。
"""
        + _FOOTER,
    ),
    "firm_notice": (
        "【催款函】账单 {{ numbers }} 已逾期 {{ days_overdue }} 天，请尽快付款",
        """{{ customer_name }}
{{ contact_name }} 您好：

我司此前已就以下账单与贵司联系，截至今日该账单已逾期 {{ days_overdue }} 天，款项仍未付清：
"""
        + _FACTS
        + """
请贵司于近日内支付应付金额 {{ total_due_amount }}。如付款存在困难或对账款有异议，请及时告知，以便双方共同协商解决。
"""
        + _FOOTER,
    ),
    "final_notice": (
        "【最后付款通知】账单 {{ numbers }} 应付金额 {{ total_due_amount }}",
        """{{ customer_name }}
{{ contact_name }} 您好：

经我司多次提醒，贵司以下账单截至今日已逾期 {{ days_overdue }} 天，仍未付清：
"""
        + _FACTS
        + """
本函为我司就该账单发出的最后一次书面提醒。请贵司尽快付清 {{ total_due_amount }}，或与我们联系，商定付款安排。
如未收到贵司回复，我司将把此事提交公司管理层研究后续处理。
"""
        + _FOOTER,
    ),
    "due_today": (
        "【到期提醒】账单 {{ numbers }} 今日到期，应付金额 {{ total_due_amount }}",
        """{{ customer_name }}
{{ contact_name }} 您好：

感谢贵司一直以来的支持与合作。谨此提醒，贵司以下账单于{{ due_on }}到期：
"""
        + _FACTS
        + """
如款项 {{ total_due_amount }} 已在安排中，则无需另行处理。
"""
        + _FOOTER,
    ),
    "payment_schedule_request": (
        "【付款计划】请就账单 {{ numbers }} 提供付款计划，应付金额 {{ total_due_amount }}",
        """{{ customer_name }}
{{ contact_name }} 您好：

截至今日，贵司以下账单已逾期 {{ days_overdue }} 天，款项仍未付清：
"""
        + _FACTS
        + """
为便于双方安排资金，请贵司{% if new_due_on != "" %}于{{ new_due_on }}前{% endif %}书面回复明确的付款计划，写明各期付款日期与金额，直至付清
{{ total_due_amount }}。直接回复本邮件即可。如尚缺审批材料或发票单据，请告知我们，我司将立即配合补齐。
"""
        + _FOOTER,
    ),
    "lawyer_letter": (
        "【诉前催告函】账单 {{ numbers }}，应付金额 {{ total_due_amount }}",
        """{{ customer_name }}
{{ contact_name }}：

随信附上我司的诉前催告函。贵司以下账单已逾期 {{ days_overdue }} 天，经多次催告仍未付清：
"""
        + _FACTS
        + """
请贵司{% if new_due_on != "" %}于{{ new_due_on }}前{% else %}尽快{% endif %}付清 {{ total_due_amount }}。
如对账款有异议，或需要商定付款计划，请在同一期限内书面答复。
"""
        + _FOOTER,
    ),
    "how_we_contact_you": (
        "【联系方式说明】{{ company_name }} 将如何与您联系付款事宜",
        """{{ customer_name }}
{{ contact_name }} 您好：

为便于贵司辨别真伪，谨此说明我司提醒付款的方式：

  一、我司以“{{ company_name }}”的名义发送提醒，并注明账单编号、金额与到期日。
  二、我司不会索取密码或验证码。
  三、我司不会通过邮件或短信通知更换收款账户。如收到此类信息，请勿付款，并致电您熟悉的联系人核实。

如对任何信息的真实性有疑问，请通过现有联系方式与我们确认。

顺颂商祺！

{{ company_name }}
财务部
{{ today }}
""",
    ),
}

FRIENDLY = {
    "friendly_reminder": (
        "【友好提醒】关于发票 {{ number }} 号" + "{% unless count == '1' %}等 {{ count }} 笔{% endunless %}的付款安排",
        """{{ customer_name }}
{{ contact_name }} 您好：

感谢贵司长期以来的信任与支持。
{% if days_overdue != "0" -%}
贵司以下发票已于{{ due_on }}到期，特此温馨提示：
{%- else -%}
贵司以下发票将于{{ due_on }}到期，特此温馨提示：
{%- endif %}
"""
        + _FACTS
        + """
烦请您在方便时协助确认付款安排，应付金额为 {{ total_due_amount }}。如需我们补充发票或对账资料，请随时告知。
"""
        + _FOOTER,
    ),
}
"""For the tone `friendly`."""
