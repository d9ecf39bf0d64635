"""What is told of users to those who follow events: everything but their address."""

from __future__ import annotations

from dataclasses import asdict

from domain.access.user_model import User
from domain.events.model import NewEvent


def user_event(what: str, user: User) -> NewEvent:
    """`user.invited` and so on with the whole user, but without the e-mail address."""
    told = asdict(user)
    del told["email"]
    return NewEvent(f"user.{what}", user.id, {"user": told})
