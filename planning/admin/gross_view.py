"""What an order needs before any plan, as the page shows it."""

from typing import Any

from inventory.models.fields import plain
from planning.admin.cost_view import shown
from planning.selectors.gross import GrossNeeds, GrossRow


def gross_view(needs: GrossNeeds) -> dict[str, Any]:
    """The rows, and how many of them should have been released before the planning date."""
    rows = [_row(row, needs) for row in needs.rows]
    return {
        "order": needs.order,
        "as_of": needs.as_of,
        "rows": rows,
        "cut_off": needs.cut_off,
        "late": sum(row["is_late"] for row in rows),
        "first": min((row.release for row in needs.rows), default=None),
    }


def _row(row: GrossRow, needs: GrossNeeds) -> dict[str, Any]:
    is_phantom = row.item.kind == "phantom"
    return {
        "level": row.level,
        "indent": min(row.level + 1, 12),
        "line": row.line,
        "item": row.item,
        "is_phantom": is_phantom,
        "qty": shown(row.qty, 3),
        "exact": str(row.qty) if row.qty.denominator > 1 else "",
        "needed": row.needed,
        "lead": row.lead_time_days,
        "supplier": row.supplier or "",
        "release": None if is_phantom else row.release,
        "last_release": row.last_release if row.last_release != row.release and not is_phantom else None,
        "is_late": needs.as_of is not None and row.release < needs.as_of and not is_phantom,
        "on_hand": "" if is_phantom else plain(row.on_hand),
        "covers": not is_phantom and row.on_hand >= row.qty,
    }
