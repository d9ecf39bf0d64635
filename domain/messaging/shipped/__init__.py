"""The texts that exist without any call, in every shipped locale; a tenant's own template of the same key wins."""

from __future__ import annotations

from domain.messaging.shipped import en, staff, zh_cn

# (key, channel, locale) -> (subject, body)
SHIPPED: dict[tuple[str, str, str], tuple[str, str]] = {
    (key, "email", locale): text
    for locale, texts in (("en", en.TEXTS), ("zh-CN", zh_cn.TEXTS))
    for key, text in texts.items()
} | {
    (key, channel, locale): text
    for locale, texts in staff.TEXTS.items()
    for key, text in texts.items()
    for channel in staff.CHANNELS
}
