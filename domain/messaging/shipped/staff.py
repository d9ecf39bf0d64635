"""Shipped texts to the tenant's own staff, short enough for a group chat."""

CHANNELS = ("wecom_staff", "wecom_robot", "dingtalk", "feishu")

TEXTS = {
    "en": {
        "staff_alert": (
            "{{ customer_name }}: invoice {{ number }} is {{ days_overdue }} days overdue",
            """Due: {{ due_on }}
Open amount: {{ open_amount }}{% if disputed_amount != "" %}
In dispute: {{ disputed_amount }}
Due now: {{ due_amount }}{% endif %}
""",
        )
    },
    "zh-CN": {
        "staff_alert": (
            "{{ customer_name }}：账单 {{ number }} 已逾期 {{ days_overdue }} 天",
            """到期日：{{ due_on }}
未付金额：{{ open_amount }}{% if disputed_amount != "" %}
争议金额：{{ disputed_amount }}
应付金额：{{ due_amount }}{% endif %}
""",
        )
    },
}
