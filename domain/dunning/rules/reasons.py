"""PURE: every code that says why a step was not, or is not yet, carried out, in words for people.

A code that is not here fails a test: who adds a reason adds its line. Messages are English and zh-CN, in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # No case, or none that goes on.
        "no_plan": ("No reminder plan applies.", "没有适用的催收计划。"),
        "plan_does_nothing": ("The plan that applies reminds nobody.", "适用的计划不做任何提醒。"),
        "case_not_opened": ("The case has not been opened yet.", "催收案件尚未建立。"),
        "paid": ("Nothing is owed any more: it was paid.", "已付清。"),
        "written_off": ("What was owed has been written off.", "欠款已核销。"),
        "cancelled": ("The receivable was cancelled.", "应收款已取消。"),
        "stopped": ("The plan stops here.", "计划在此终止。"),
        "escalated": ("The case has left the ladder: people see to it.", "案件已升级，由人工处理。"),
        "no_step_left": ("The plan has no step left.", "计划已没有后续步骤。"),
        "tenant_not_active": ("The tenant is suspended or closed.", "租户已停用或关闭。"),
        "plan_paused": ("The plan is paused.", "计划已暂停。"),
        "shadow_mode": ("The plan only records what it would do.", "计划处于影子模式，只记录不执行。"),
        # The step has no day yet, or its day has not come.
        "not_due_yet": ("The next step is not due yet.", "下一步骤尚未到期。"),
        "due_date_provisional": ("The due date is not settled yet.", "到期日尚未确定。"),
        "no_issue_date": ("The issue date that the step counts from is not known.", "步骤所依据的开票日未知。"),
        "no_new_due_date": ("No notice has set a new due date yet.", "尚无通知设定新的到期日。"),
        "previous_step_undecided": ("The step before has not been decided yet.", "前一步骤尚未处理。"),
        "no_promise": ("The customer has not promised to pay by a day.", "客户尚未承诺付款日期。"),
        "no_discount": ("There is no discount for paying early.", "没有提前付款折扣。"),
        "minimum_gap": ("The last notice was too short a time ago.", "距上次通知的间隔太短。"),
        "old_debt_entry": ("The old debt has its turn on a later day.", "旧欠款按每日限额排队进入计划。"),
        # The step is due and waits.
        "on_hold": ("A hold keeps the receivable or its customer back.", "应收款或客户处于暂停催收状态。"),
        "awaiting_approval": ("Somebody has to approve a step first.", "有步骤等待审批。"),
        "outside_window": ("The step's hours of the day have not begun, or are over.", "不在步骤的执行时段内。"),
        "below_minimum_amount": ("Less is due than the plan's minimum amount.", "应付金额低于计划的最低金额。"),
        "one_rung_a_day": ("The step before came late; one notice a day.", "上一步骤延迟发出，每天只发一步。"),
        # The contact policy.
        "opted_out": ("Nobody who can be reached wants to be written to.", "可联系的人均已拒收。"),
        "third_party_block": ("A third party must not be told of the debt.", "不得向第三方透露欠款。"),
        "channel_not_allowed": ("The contact policy does not allow the channel.", "联系策略不允许该渠道。"),
        "quiet_hours": ("It is outside the hours in which customers are contacted.", "不在可联系时段内。"),
        "business_days_only": ("Customers are contacted on business days only.", "仅在工作日联系。"),
        "public_holiday": ("It is a public holiday.", "当天为公共假日。"),
        "blackout_dates": ("The tenant contacts nobody on these days.", "处于停止联系日期。"),
        "contact_gap": ("The last contact was too short a time ago.", "距上次联系的间隔太短。"),
        "no_allowed_time": (
            "The contact policy allows no time in the 60 days to come.",
            "未来 60 天内没有允许联系的时间。",
        ),
        # The step was decided and held.
        "disputed": ("The customer contests all that is open.", "客户对全部未付金额有争议。"),
        "covered_by_unapplied_amount": ("Money that is not assigned yet covers it.", "未分配的款项足以抵付。"),
        "no_contact_address": ("No contact has an address for the channels.", "没有联系人有可用的地址。"),
        "address_invalid": ("What was written to every address came back.", "所有地址均已失效。"),
        "channel_not_configured": ("None of the step's channels has an account.", "步骤的渠道均未配置账户。"),
        "no_channel_account": ("The channel of the alert has no account.", "提醒的渠道未配置账户。"),
        "maximum_notices": ("The plan's number of notices is reached.", "已达到计划的通知次数上限。"),
        # The step was decided and left out.
        "superseded": ("A later notice took its place.", "被后续通知取代。"),
        "missed": ("Its day is over, and it is not made up for.", "错过当天，不再补发。"),
        "due_date_passed": ("It makes no sense after the due date.", "到期日已过，不再适用。"),
        "date_passed": ("It makes no sense after the day that it counts from.", "所依据的日期已过，不再适用。"),
        "condition_not_met": ("Its condition does not hold.", "条件不满足。"),
        "branched_over": ("A branch of a step before led past it.", "被前一步骤的分支跳过。"),
        "approval_rejected": ("Somebody rejected it.", "审批被拒绝。"),
        "old_debt": ("The debt was old already when it came.", "欠款进入时已逾期，跳过。"),
        "before_migration": (
            "The case had passed it when it moved to this version.",
            "案件迁移到此版本前已越过该步骤。",
        ),
        # The case could not move to another version.
        "anchor_changed": ("The version follows debts in another way.", "新版本的催收对象方式不同。"),
        "branch_changed": ("A branch that was taken leads elsewhere now.", "已走过的分支在新版本中不同。"),
        "approval_open": ("Somebody still has to approve a step.", "仍有步骤等待审批。"),
        # Notices that are proposed first.
        "excluded_in_triage": ("Somebody excluded it before it was released.", "放行前被人工排除。"),
        # The customer's behaviour moved it.
        "before_pay_day": ("It comes before the day on which the customer pays.", "在客户惯常付款日之前提醒。"),
        "no_reply": ("It comes earlier: the last notice was not answered.", "上次通知未获回应，提前执行。"),
        "unread": ("Another channel follows: the notice was not read.", "通知未读，改用下一渠道。"),
        "bounced": ("Another channel follows: the notice came back.", "通知被退回，改用下一渠道。"),
        "failed": ("Another channel follows: the notice could not be sent.", "通知发送失败，改用下一渠道。"),
        # The ledger refused the charge.
        "charge_rule_archived": ("The charge rule is not in use any more.", "费用规则已停用。"),
        "charge_rule_not_valid": ("The charge rule is not for debts of that day.", "费用规则不适用于该到期日的欠款。"),
        "no_charge_in_currency": ("The charge rule has no amount in the currency.", "费用规则没有该币种的金额。"),
        "nothing_to_charge": ("There is nothing more to charge.", "没有可再收取的费用。"),
        "receivable_cancelled": ("The receivable was cancelled before.", "应收款此前已取消。"),
        "receivable_settled": ("Nothing of the receivable was open any more.", "应收款已无未付金额。"),
        # The notice did not leave.
        "receivable_paid": ("It was paid before the notice left.", "通知发出前已付清。"),
        "amount_changed": ("The open amount changed before the notice left.", "发出前未付金额有变动。"),
        "dispute_changed": ("The disputed amount changed before the notice left.", "发出前争议金额有变动。"),
        "due_date_changed": ("The due date changed before the notice left.", "发出前到期日有变动。"),
        "no_address": ("The contact had no address any more.", "联系人已无地址。"),
        "address_changed": ("The address changed before the notice left.", "发出前地址有变动。"),
        "awaiting_confirmation": ("An employee has to confirm the sending.", "等待员工确认发送。"),
        "retries_exhausted": ("The provider took it at no attempt.", "多次发送均失败。"),
        "template_failed": ("The template could not be filled in.", "模板渲染失败。"),
        "text_too_long": ("The text is too long for the channel.", "文本超出渠道长度限制。"),
        # Why another plan applies.
        "less_specific": ("A more specific choice of a plan applies.", "有更具体的计划设定。"),
        "lower_priority": ("A rule that is asked earlier applies.", "有优先级更高的规则。"),
        "segment_not_matched": ("The customer is not in the segment.", "客户不属于该分组。"),
        "plan_not_published": ("The plan is not published.", "计划尚未发布。"),
        "outside_rollout": ("The customer is outside the share that gets the plan.", "客户不在灰度范围内。"),
    }
)
_CAP = ("A cap of the contact policy is reached.", "已达到联系策略的次数上限。")
_OTHER = ("The reason has the code {}.", "原因代码：{}。")


def told_in(code: str, locale: str) -> str:
    """A code in words, Chinese for a Chinese locale, else English; one that a provider made up is told as it is."""
    language = 1 if locale.partition("-")[0].lower() == "zh" else 0
    found = _CAP if code.startswith("cap_") else REASONS.get(code)
    return found[language] if found else _OTHER[language].format(code)


def is_known(code: str) -> bool:
    """Whether a code has words of its own."""
    return code in REASONS or code.startswith("cap_")
