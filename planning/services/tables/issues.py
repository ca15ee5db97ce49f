"""One thing wrong with a table: where, what stands there, and what was expected."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TableIssue:
    """``row`` and ``column`` are None where the whole sheet or row is meant. The header is row 1."""

    sheet: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    message: str

    @property
    def path(self) -> str:
        """The place as the API names it: ``/items/5/lead_time_days``."""
        return "".join(f"/{part}" for part in (self.sheet, self.row, self.column) if part is not None)

    def __str__(self) -> str:
        place = ", ".join(
            words
            for words in (
                f"sheet {self.sheet}" if self.sheet else "",
                f"row {self.row}" if self.row is not None else "",
                f"column {self.column}" if self.column is not None else "",
                f"value {self.value}" if self.value is not None else "",
            )
            if words
        )
        return f"{place[:1].upper()}{place[1:]}: {self.message}"


def shown(value: object) -> str | None:
    """A refused value, short and printable."""
    if value is None:
        return None
    text = ascii(str(value))[1:-1] if not str(value).isprintable() else str(value)
    return f'"{text if len(text) <= 60 else text[:57] + "..."}"'
