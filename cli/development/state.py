"""What `dunwell dev` remembers between two starts, and what it writes for scripts: files that only their owner reads."""

from __future__ import annotations

import base64
import json
import secrets
import shlex
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A sandbox tenant with the three ways in: a client of its own, its platform's client, and an app with a user."""

    tenant_id: str
    client_id: str
    client_secret: str
    platform_client_id: str
    platform_client_secret: str
    app_client_id: str
    user_email: str
    user_password: str


class DevFolder:
    """The folder `.dev`: key, credentials, logs, mails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.env_file = path / "dev.env"
        self.mails = path / "mails.jsonl"
        self.logs = path / "logs"
        self.lock = path / "lock"

    def prepare(self) -> None:
        """Makes what is missing; the folder keeps itself out of git."""
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.path / ".gitignore").write_text("*\n")

    def secret_key(self) -> str:
        """The key that seals secrets at rest: made once, for what it sealed must stay readable."""
        file = self.path / "secret_key"
        if not file.exists():
            write_private(file, base64.b64encode(secrets.token_bytes(32)).decode())
        return file.read_text().strip()

    def credentials(self) -> Credentials | None:
        """Those of the last start; None if there was none, or one of a version that knew fewer ways in."""
        file = self.path / "credentials.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        return Credentials(**known) if known.keys() == {field.name for field in fields(Credentials)} else None

    def remember(self, credentials: Credentials) -> None:
        """Keeps them for the next start."""
        write_private(self.path / "credentials.json", json.dumps(asdict(credentials)))

    def write_environment(self, base_url: str, credentials: Credentials, access_token: str) -> None:
        """The file that a script sources."""
        values = {
            "BASE_URL": base_url,
            "CLIENT_ID": credentials.client_id,
            "CLIENT_SECRET": credentials.client_secret,
            "TENANT_ID": credentials.tenant_id,
            "ACCESS_TOKEN": access_token,
            "PLATFORM_CLIENT_ID": credentials.platform_client_id,
            "PLATFORM_CLIENT_SECRET": credentials.platform_client_secret,
            "APP_CLIENT_ID": credentials.app_client_id,
            "USER_EMAIL": credentials.user_email,
            "USER_PASSWORD": credentials.user_password,
        }
        write_private(self.env_file, "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()))


def write_private(file: Path, text: str) -> None:
    """Replaces the file at once, so that no reader sees half of it."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(file)
