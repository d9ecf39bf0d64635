"""How positions, as `p`, are grouped in an aging."""

from __future__ import annotations

from domain.insight.model import AgingGroup

GROUPS: dict[AgingGroup, str] = {
    "customer": "p.customer_id",
    "owner": "coalesce(c.owner_id, '')",
    "grade": "coalesce(c.grade, '')",
    # Compared byte by byte, as ids are, whatever the language of the database.
    "contract": "coalesce(p.contract_reference, '') collate \"C\"",
    "currency": "''",
}
_BY_CUSTOMERS_FIELD = ("owner", "grade")


def customers_of(group_by: AgingGroup) -> str:
    """The join that a group by a field of the customers needs."""
    return "join customers c on c.tenant_id = $1 and c.id = p.customer_id" if group_by in _BY_CUSTOMERS_FIELD else ""
