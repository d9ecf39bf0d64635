"""PURE: what stands on a printed statement, in English and Chinese; other languages get English."""

from __future__ import annotations

Words = dict[str, str]

_ENGLISH: Words = {
    "title": "Statement of account",
    "from": "From",
    "to": "To",
    "as_of": "As of the end of",
    "period": "Period",
    "nothing": "Nothing is open.",
    "page": "Page {page} of {pages}",
    "number": "Number",
    "issued_on": "Issued",
    "due_on": "Due",
    "days_overdue": "Days overdue",
    "dated_on": "Date",
    "amount": "Amount",
    "settled_amount": "Settled",
    "open_amount": "Open",
    "unapplied_amount": "Unapplied credit",
    "balance_amount": "Balance",
    "credit": "Credit",
    "movement": "Movement",
    "opening": "Opening balance",
    "closing": "Closing balance",
    "total": "Summary",
    "current": "Not overdue",
    "overdue": "{days} days overdue",
    "invoiced": "Invoice",
    "correction": "Correction",
    "charge": "Charge",
    "charge_waiver": "Charge waived",
    "discount": "Early payment discount",
    "discount_reversal": "Discount taken back",
    "write_off": "Write-off",
    "write_off_reversal": "Write-off taken back",
    "cancellation": "Cancelled",
    "payment": "Payment",
    "payment_reversal": "Payment taken back",
    "refund": "Refund",
    "credit_note": "Credit note",
    "credit_note_cancellation": "Credit note cancelled",
    "settled_ahead": "Settled ahead",
    "timing": "Difference of dates",
}
_CHINESE: Words = {
    "title": "对账单",
    "from": "出具方",
    "to": "客户",
    "as_of": "截止日期",
    "period": "期间",
    "nothing": "没有未结款项。",
    "page": "第 {page} 页，共 {pages} 页",
    "number": "单据编号",
    "issued_on": "开具日期",
    "due_on": "到期日",
    "days_overdue": "逾期天数",
    "dated_on": "日期",
    "amount": "金额",
    "settled_amount": "已结金额",
    "open_amount": "未结金额",
    "unapplied_amount": "未核销余额",
    "balance_amount": "余额",
    "credit": "贷项",
    "movement": "摘要",
    "opening": "期初余额",
    "closing": "期末余额",
    "total": "汇总",
    "current": "未到期",
    "overdue": "逾期 {days} 天",
    "invoiced": "应收款",
    "correction": "更正",
    "charge": "附加费用",
    "charge_waiver": "费用减免",
    "discount": "提前付款折扣",
    "discount_reversal": "折扣撤销",
    "write_off": "核销坏账",
    "write_off_reversal": "坏账核销撤销",
    "cancellation": "作废",
    "payment": "收款",
    "payment_reversal": "收款撤销",
    "refund": "退款",
    "credit_note": "贷项通知单",
    "credit_note_cancellation": "贷项通知单作废",
    "settled_ahead": "预先结清",
    "timing": "日期差异",
}


def words_of(language: str) -> Words:
    """The words of a language by its ISO 639 code.

    >>> words_of("zh")["title"], words_of("fr")["title"]
    ('对账单', 'Statement of account')
    """
    return _CHINESE if language == "zh" else _ENGLISH
