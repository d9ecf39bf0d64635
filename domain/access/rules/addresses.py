"""PURE: what an e-mail address looks like."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email


def is_email(address: str) -> bool:
    """Whether mail can be addressed to this, by its form alone; nothing is looked up."""
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
