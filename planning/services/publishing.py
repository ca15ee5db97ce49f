"""From draft to promise: what publishing would move, and publishing itself.

A plan knows the orders as they were when its build began. An instalment that cannot be kept by it any more
(its order was cancelled or put on hold, its date, item or quantity changed) is *stale*: it is listed and
not promised. Only a plan newer than the published one can be published; an older draft is refused, not
forced.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from inventory.models.fields import plain
from orders.models import Instalment, OrderStatus
from orders.services import PromiseRow, record_promises
from planning.engine.factory_codec import parse_json
from planning.errors import PlanNotFound, PlanNotReady, PlanSuperseded
from planning.models import FactorySettings, PlanPromise, PlanRun, PlanStatus
from planning.services.firming import count_frozen_zone, firm_frozen_zone
from planning.services.pinning import pin_frozen_zone

Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMove:
    """One promised date that publishing would change. ``days`` is positive when it moves to a later day."""

    sales_order: str
    line: int
    instalment: int
    item: str
    qty: Decimal
    requested: dt.date
    moves_from: dt.date | None
    moves_to: dt.date | None
    days: int | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleInstalment:
    """An instalment that the plan knew otherwise than it is now; it is not promised."""

    sales_order: str
    line: int
    instalment: int
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPreview:
    """What publishing ``version`` would do.

    ``moves`` have kind new, earlier, later or withdrawn; the largest delay comes first. ``becomes_firm``: how
    many planned orders would become firm.
    """

    version: int
    replaces: int | None
    moves: tuple[PromiseMove, ...]
    counts: dict[str, int]
    stale: tuple[StaleInstalment, ...]
    becomes_firm: int


def preview_publish(version: int) -> PublishPreview:
    """Compare the plan's dates with those that orders hold now. Changes nothing; at most 14 queries."""
    run = PlanRun.objects.filter(pk=version).first()
    if run is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if run.status not in (PlanStatus.READY, PlanStatus.PUBLISHED):
        raise PlanNotReady(
            f"Plan {version} is {run.get_status_display().lower()}: only a ready one is published."
        )
    comparison = _Comparison(run)
    moves = sorted(
        comparison.moves(),
        key=lambda move: (-(move.days or 0), move.sales_order, move.line, move.instalment),
    )
    counts = Counter(move.kind for move in moves)
    known = {kind: counts[kind] for kind in ("new", "earlier", "later", "withdrawn")}
    known["unchanged"] = len(comparison.current) - len(moves)
    return PublishPreview(
        version=version,
        replaces=PlanRun.objects.filter(scenario=run.scenario, status=PlanStatus.PUBLISHED)
        .exclude(pk=version)
        .values_list("pk", flat=True)
        .first(),
        moves=tuple(moves),
        counts=known | {"stale": len(comparison.stale)},
        stale=tuple(comparison.stale),
        # Publishing the published plan again changes nothing.
        becomes_firm=count_frozen_zone(run) if run.status == PlanStatus.READY else 0,
    )


@transaction.atomic
def publish_plan(*, version: int, by: Any, now: dt.datetime) -> PlanRun:
    """Make the plan's dates the promised ones and archive the plan they replace, which stays readable.

    What goes out within the policy's frozen days becomes firm, and its operations that start within them are
    pinned: the next plans keep them as they are.
    Publishing the published plan again changes nothing. ``stale`` of the run lists what was not promised,
    and why.
    """
    # One publication at a time: whoever comes second sees what the first one did.
    FactorySettings.objects.select_for_update().first()
    run = PlanRun.objects.select_for_update(of=("self",)).filter(pk=version).first()
    if run is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if run.status == PlanStatus.PUBLISHED:
        return run
    if run.status != PlanStatus.READY:
        raise PlanNotReady(
            f"Plan {version} is {run.get_status_display().lower()}: only a ready one is published."
        )
    _archive_published(run)
    comparison = _Comparison(run)
    recorded = record_promises(
        plan_version=version, rows=[_promise(row) for row in comparison.current], now=now, by=by
    )
    stale = comparison.stale + [_skipped(key) for key in recorded.skipped]
    run.status = PlanStatus.PUBLISHED
    run.published_at = now
    run.published_by = by
    run.stale = [asdict(entry) for entry in stale]
    run.save(update_fields=["status", "published_at", "published_by", "stale"])
    firm_frozen_zone(run=run, by=by)
    pin_frozen_zone(run=run, by=by)
    return run


def _archive_published(run: PlanRun) -> None:
    published = PlanRun.objects.filter(scenario=run.scenario, status=PlanStatus.PUBLISHED)
    newer = published.filter(pk__gt=run.pk).values_list("pk", flat=True).first()
    if newer is not None:
        raise PlanSuperseded(
            f"Plan {newer} is newer and published: build a new plan instead of plan {run.pk}."
        )
    published.update(status=PlanStatus.ARCHIVED)


class _Comparison:
    """A plan's promises beside the instalments as they are: ``current`` can be promised, ``stale`` cannot."""

    def __init__(self, run: PlanRun) -> None:
        rows = list(PlanPromise.objects.filter(run=run).order_by("pk"))
        horizon_end = dt.date.fromisoformat(parse_json(run.factory_json)["horizon_end"])
        self.instalments = _instalments({row.sales_order for row in rows})
        self.current: list[PlanPromise] = []
        self.stale: list[StaleInstalment] = []
        for row in rows:
            difference = _difference(row, self.instalments.get(_key(row)))
            if difference is None:
                self.current.append(row)
            else:
                self.stale.append(_stale(_key(row), *difference))
        self.stale.extend(_not_planned(self.instalments, {_key(row) for row in rows}, horizon_end))

    def moves(self) -> Iterator[PromiseMove]:
        for row in self.current:
            held = self.instalments[_key(row)].promised
            if held != row.promised:
                yield PromiseMove(
                    sales_order=row.sales_order,
                    line=row.line,
                    instalment=row.instalment,
                    item=row.item,
                    qty=row.qty,
                    requested=row.requested,
                    moves_from=held,
                    moves_to=row.promised,
                    days=(row.promised - held).days if row.promised and held else None,
                    kind=_kind(held, row.promised),
                )


def _instalments(refs: set[str]) -> dict[Key, Instalment]:
    """Those of the plan's orders, whatever became of them, and of every confirmed order."""
    rows = Instalment.objects.filter(
        Q(order_line__order__ref__in=refs) | Q(order_line__order__status=OrderStatus.CONFIRMED)
    ).select_related("order_line__order", "order_line__item")
    return {(row.order_line.order.ref, row.order_line.line, row.instalment): row for row in rows}


def _difference(planned: PlanPromise, now: Instalment | None) -> tuple[str, str] | None:
    """Why the plan's date does not hold for the instalment as it is now; ``None`` when it does."""
    if now is None:
        return "removed", "is not there any more"
    order = now.order_line.order
    if order.status != OrderStatus.CONFIRMED:
        return order.status, f"the order is {order.get_status_display().lower()}"
    if now.order_line.item.code != planned.item:
        return "changed", f"the item was {planned.item}, it is {now.order_line.item.code}"
    if now.due != planned.requested:
        return "changed", f"was wanted on {planned.requested}, is wanted on {now.due}"
    if now.open_qty > planned.qty:
        return (
            "changed",
            f"{plain(planned.qty)} were to be delivered, {plain(now.open_qty)} are",
        )
    if now.open_qty == 0:
        return "shipped", "has shipped"
    return None


def _not_planned(
    instalments: dict[Key, Instalment], planned: set[Key], horizon_end: dt.date
) -> Iterator[StaleInstalment]:
    """Confirmed since the plan's input was read."""
    for key, row in sorted(instalments.items()):
        is_open = row.order_line.order.status == OrderStatus.CONFIRMED and row.open_qty > 0
        if key not in planned and is_open and row.due < horizon_end:
            yield _stale(key, "not_in_plan", "was not there when the plan was built")


def _kind(held: dt.date | None, planned: dt.date | None) -> str:
    if held is None:
        return "new"
    if planned is None:
        return "withdrawn"
    return "later" if planned > held else "earlier"


def _key(row: PlanPromise) -> Key:
    return row.sales_order, row.line, row.instalment


def _stale(key: Key, code: str, what: str) -> StaleInstalment:
    order, line, instalment = key
    text = f"{order} line {line} instalment {instalment} {what}."
    return StaleInstalment(sales_order=order, line=line, instalment=instalment, code=code, text=text)


def _skipped(key: Key) -> StaleInstalment:
    return _stale(key, "not_confirmed", "is not confirmed any more")


def _promise(row: PlanPromise) -> PromiseRow:
    return PromiseRow(
        sales_order=row.sales_order,
        line=row.line,
        instalment=row.instalment,
        item=row.item,
        qty=row.qty,
        requested=row.requested,
        promised=row.promised,
        days_late=row.days_late,
        deliveries=row.deliveries,
        reasons=row.reasons,
        p50=row.p50,
        p80=row.p80,
        p95=row.p95,
    )
