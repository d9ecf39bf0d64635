"""PURE: where each of our fields stands in one file, found from its header line and the mapping."""

from __future__ import annotations

from collections.abc import Sequence

from domain.files.records import Fault, FileRefused, Record
from domain.importing.model import ImportKind
from domain.importing.rules.mapping import BY_EXTERNAL_ID, FIELDS, IDENTITY, OWNER, REQUIRED, ImportMapping
from domain.kernel.pii import Mask, mask_email, mask_phone, mask_text
from domain.operations.model import OperationError

_SHOWN = 200
_MASKS: dict[str, Mask] = {
    "email": mask_email,
    "customer_email": mask_email,
    "phone": mask_phone,
    "addresses": lambda _: "***",
}


class Refused(Exception):
    """One value of a row cannot be taken, told by a stable `code`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Columns:
    """The columns of one file; raises FileRefused if a needed one is not there."""

    def __init__(self, kind: ImportKind, mapping: ImportMapping, header: Sequence[str]) -> None:
        self.kind = kind
        self.date_format = mapping.date_format
        self._names = [name.strip() for name in header]
        self._width = len(self._names)
        if any("\x00" in name for name in self._names):
            raise FileRefused("unknown_encoding", "The file is neither UTF-8 nor GB18030.")
        self._place = {field: self._find(field, mapping) for field in FIELDS[kind]}
        self._reads = [(place, mapping.defaults.get(field, "")) for field, place in self._place.items()]

    def values(self, record: Record) -> list[str]:
        """The record's values in the order of our fields; where it says nothing, the default or an empty text."""
        fields = record.fields
        if len(fields) > self._width and any(fields[self._width :]):
            raise Refused("wrong_number_of_fields", f"{len(fields)} fields, where the header has {self._width}.")
        # Short lines end in empty fields, and a field without a column reads the place after the last one.
        padded = fields[: self._width] + [""] * (self._width + 1 - min(len(fields), self._width))
        return [padded[place].strip() or default for place, default in self._reads]

    def fault(self, record: Record, field: str) -> Fault | None:
        """Why the reader of the file refuses the cell of a field; None if it does not."""
        place = self._place[field]
        return record.faults.get(place) if place < self._width else None

    def identity(self, record: Record) -> tuple[str, str]:
        """What tells the record's object from the others of the file, and the field that says it.

        Whatever else is right or wrong with the record; an empty text where it does not say which object it is of.
        """
        owner = OWNER.get(self.kind)
        of_owner = f"{self._said(record, owner)}\n" if owner else ""
        for field in (fields := IDENTITY.get(self.kind, BY_EXTERNAL_ID)):
            if said := self._said(record, field):
                # Mail systems do not tell upper from lower case.
                return of_owner + (said.lower() if field == "email" else said), field
        return "", fields[0]

    def duplicate(self, record: Record, field: str) -> OperationError:
        """The refusal of a record whose object, which `field` names, an earlier one is of."""
        noun = "contact" if self.kind == "contacts" else "external_id"
        again = Refused(f"duplicate_{noun}", f"An earlier line of this file has this {noun.removeprefix('external_')}.")
        return self.error(record.line, field, again, self._said(record, field))

    def _said(self, record: Record, field: str) -> str:
        place = self._place[field]
        return record.fields[place].strip() if place < len(record.fields) else ""

    def error(self, line: int, field: str, refused: Refused, value: str) -> OperationError:
        """A refusal in the words of the file: its line, its column, the value as far as it is shown, never an address."""
        place = self._place.get(field, self._width)
        column = self._names[place] if place < self._width else field
        hidden = _MASKS.get(field, mask_text)(value)
        shown = hidden[:_SHOWN].replace("\x00", "\ufffd")
        return OperationError(line=line, column=column, code=refused.code, detail=refused.detail, value=shown)

    def _find(self, field: str, mapping: ImportMapping) -> int:
        name = mapping.columns.get(field, field)
        found = self._names.count(name)
        if found > 1:
            raise FileRefused("duplicate_column", f"There are {found} columns {name!r}.")
        if found:
            return self._names.index(name)
        is_needed = field in REQUIRED[self.kind] and field not in mapping.defaults
        if is_needed or field in mapping.columns:
            raise FileRefused("missing_column", f"There is no column {name!r} to read {field} from.")
        return self._width
