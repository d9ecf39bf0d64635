"""How positions, as `p`, are grouped in an aging."""

from __future__ import annotations

from domain.insight.model import AgingGroup

GROUPS: dict[AgingGroup, str] = {
    "customer": "p.customer_id",
    "owner": "coalesce(c.owner_id, '')",
    "currency": "''",
}
OF_OWNER = "join customers c on c.tenant_id = $1 and c.id = p.customer_id"
