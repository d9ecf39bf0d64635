"""PURE: which encodings a file may be in: UTF-8 (with or without a byte order mark), or GB18030, which covers GBK and GB2312."""

from __future__ import annotations

_CHINESE = frozenset({"gb18030", "gbk", "gb2312", "cp936"})
_UNICODE = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


def candidates_for(charset: str | None) -> list[str]:
    """In which encodings to try a file that was declared as `charset`, in this order; none for a charset that is not read.

    A declared UTF-8 is not believed blindly, since many clients declare it whatever they send.

    >>> candidates_for("GBK")
    ['gb18030']
    """
    if charset is None or charset.lower() in _UNICODE:
        return ["utf-8-sig", "gb18030"]
    return ["gb18030"] if charset.lower() in _CHINESE else []
