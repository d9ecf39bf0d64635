"""What a client may say of a shipped reminder plan that it takes over."""

from __future__ import annotations

import msgspec

from api.inputs.fields import ExternalId


class PresetInstallation(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the plan is to be called; without it `preset:<key>`. The same call again answers with the same plan."""

    external_id: ExternalId | None = None
