"""Every scope in words a person understands: what an app with it can do."""

from __future__ import annotations

from api.pages.texts import Language

_WORDS: dict[str, tuple[str, str]] = {
    "activities:read": ("See calls, visits and notes", "查看通话、拜访和备注"),
    "activities:write": ("Record calls, visits and notes", "记录通话、拜访和备注"),
    "approvals:write": ("Approve or refuse what others asked for", "批准或拒绝他人的申请"),
    "audit:read": ("Read the audit log", "查看审计日志"),
    "cases:read": ("See which reminders are planned and why", "查看提醒计划及其原因"),
    "channels:read": ("See through which providers messages are sent", "查看消息发送渠道"),
    "channels:write": ("Set up the providers that send messages", "设置消息发送渠道"),
    "charges:read": ("See late interest, fees and costs", "查看滞纳利息、费用和成本"),
    "charges:write": ("Charge late interest, fees and costs, or waive them", "收取或减免滞纳利息、费用和成本"),
    "clients:read": ("See which apps are registered", "查看已登记的应用"),
    "clients:write": ("Register apps and change their keys", "登记应用并更改其密钥"),
    "clock:read": ("See the organisation's time", "查看组织的时间"),
    "clock:write": ("Move the test clock", "调整测试时钟"),
    "credit_notes:read": ("See credit notes", "查看贷项通知单"),
    "credit_notes:write": ("Issue and cancel credit notes", "开具和取消贷项通知单"),
    "customers:read": ("See customers and their contacts", "查看客户及其联系人"),
    "customers:write": ("Add and change customers and their contacts", "添加和修改客户及其联系人"),
    "disputes:read": ("See what customers contest", "查看客户提出的异议"),
    "disputes:write": ("Record and resolve what customers contest", "登记并处理客户的异议"),
    "escalations:read": ("See escalations", "查看升级处理"),
    "events:read": ("See everything that happens in the organisation", "查看组织内发生的所有事件"),
    "exchange_rates:read": ("See exchange rates", "查看汇率"),
    "exchange_rates:write": ("Add and correct exchange rates", "添加和更正汇率"),
    "imports:read": ("See how files are read", "查看文件的读取方式"),
    "imports:write": ("Import customers and receivables from files", "从文件导入客户和应收款"),
    "ledger_policy:read": ("See how the ledger settles payments", "查看账务处理规则"),
    "ledger_policy:write": ("Change how the ledger settles payments", "更改账务处理规则"),
    "notices:read": ("See reminders that were sent", "查看已发送的提醒"),
    "notices:send": ("Send reminders by itself and tell what became of them", "自行发送提醒并回报送达结果"),
    "operations:read": ("See the progress of long tasks", "查看长时间任务的进度"),
    "payments:read": ("See payments", "查看付款"),
    "payments:write": ("Record payments and assign them", "登记并核销付款"),
    "pii:read": ("See e-mail addresses and phone numbers in full", "查看完整的电子邮箱和电话号码"),
    "plans:read": ("See reminder plans", "查看提醒方案"),
    "plans:write": ("Change and publish reminder plans", "修改并发布提醒方案"),
    "profile:read": ("See your own profile", "查看您的个人资料"),
    "profile:write": ("Change your password and second factor", "更改您的密码和第二重验证"),
    "receivables:read": ("See what customers owe", "查看客户的欠款"),
    "receivables:write": ("Add and change receivables", "添加和修改应收款"),
    "sign_in:read": ("See how people sign in to the organisation", "查看组织的登录方式"),
    "sign_in:write": ("Change how people sign in to the organisation", "更改组织的登录方式"),
    "tasks:read": ("See tasks", "查看任务"),
    "tasks:write": ("Create and complete tasks", "创建和完成任务"),
    "templates:read": ("See message templates", "查看消息模板"),
    "templates:write": ("Change message templates", "修改消息模板"),
    "tenants:read": ("See the platform's organisations", "查看平台的组织"),
    "tenants:write": ("Register and change organisations", "登记和修改组织"),
    "users:read": ("See who works for the organisation", "查看组织的用户"),
    "users:write": ("Invite people, change their roles and shut them out", "邀请用户、更改角色及停用用户"),
    "webhooks:read": ("See where events are sent", "查看事件的发送目标"),
    "webhooks:write": ("Change where events are sent", "更改事件的发送目标"),
}


def words_of(scope: str, language: Language) -> str:
    """What an app with this scope can do; raises KeyError for a scope without words, which a test forbids."""
    return _WORDS[scope][0 if language == "en" else 1]
