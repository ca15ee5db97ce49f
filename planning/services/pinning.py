"""Operations that a planner pins: the next plans start them at that moment and place until they are let go.

Only what is released or firm can be pinned; a planned order whose operation is pinned becomes firm first. A
pin goes with its order. Publishing pins by itself what starts within the policy's frozen days. What a pin
must keep (operation, work centre, station, time) is checked as an import does it. Locks: as in ``firming``.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from simple_history.utils import bulk_create_with_history

from planning.engine.factory import Factory
from planning.engine.factory_check import pins_are_sound
from planning.engine.factory_codec import factory_from_json
from planning.errors import CannotPin, PinIssue, PlanNotFound, PlanNotReady
from planning.models import (
    FactorySettings,
    FirmOrder,
    Operation,
    PinnedOperation,
    PlannedOperation,
    PlanRun,
    PlanStatus,
    WorkCentre,
    WorkOrder,
)
from planning.selectors.frozen import get_frozen
from planning.services.firming import BATCH, firm_planned_orders

Orders = dict[str, WorkOrder | FirmOrder]
Key = tuple[str, int]


@transaction.atomic
def pin_planned_operations(
    *, version: int, operations: Sequence[int], by: Any = None
) -> list[PinnedOperation]:
    """Pin operations (by the key of their row) of a ready or published plan where it starts them, all of them
    or none (``CannotPin``). Their orders become firm where they are not (``CannotFirm``); those that were
    pinned before are pinned anew.
    """
    _require_open(version)
    rows = {row.pk: row for row in PlannedOperation.objects.filter(run=version, pk__in=operations)}
    unknown = [
        PinIssue(path=f"/operations/{number}", message=f"The plan has no operation {pk}.")
        for number, pk in enumerate(operations)
        if pk not in rows
    ]
    if unknown:
        raise CannotPin(unknown)
    chosen = _first_rows(rows.values())
    names = list(dict.fromkeys(row.order for row in chosen.values()))
    orders = _standing_orders(version, names)
    planned = [name for name in names if name not in orders]
    if planned:
        for firm in firm_planned_orders(version=version, orders=planned, by=by):
            orders[firm.planned_order] = firm
    pins = _pins_of(chosen.values(), orders)
    issues = find_pin_issues(pins)
    if issues:
        raise CannotPin([PinIssue(path=f"/operations/{n}", message=why) for n, why in issues.items()])
    return [store_pin(pin, by) for pin in pins]


@transaction.atomic
def unpin_planned_operations(*, version: int, operations: Sequence[int], by: Any = None) -> list[str]:
    """Let planning move what a plan shows as pinned; the names of the pins that went."""
    if not PlanRun.objects.filter(pk=version).exists():
        raise PlanNotFound(f"There is no plan {version}.")
    rows = PlannedOperation.objects.filter(run=version, pk__in=operations)
    keys = set(rows.values_list("order", "seq"))
    orders = _standing_orders(version, {order for order, _ in keys})
    wanted = {(orders[order].ref, seq) for order, seq in keys if order in orders}
    gone = []
    for pin in _of_orders(orders.values()).select_for_update(of=("self",)).order_by("pk"):
        if (pin.order.ref, pin.seq) in wanted:
            pin.changed_by = by
            gone.append(str(pin))
            pin.delete()
    return gone


def pin_frozen_zone(*, run: PlanRun, by: Any = None) -> list[PinnedOperation]:
    """Pin what a plan that is being published starts in its frozen days; part of that transaction, after its
    orders became firm.

    What is pinned already stays so; what cannot be pinned any more is left to the next plan.
    """
    frozen = get_frozen(run.pk)
    if not frozen.frozen_days:
        return []
    rows = PlannedOperation.objects.filter(run=run, start__lt=frozen.frozen_until)
    chosen = _first_rows(rows)
    orders = _standing_orders(run.pk, {order for order, _ in chosen})
    held = {(pin.order.ref, pin.seq) for pin in _of_orders(orders.values())}
    free = [
        row
        for (order, seq), row in chosen.items()
        if order in orders and (orders[order].ref, seq) not in held
    ]
    pins = _pins_of(free, orders)
    issues = find_pin_issues(pins)
    sound = [pin for number, pin in enumerate(pins) if number not in issues]
    if sound:
        bulk_create_with_history(sound, PinnedOperation, batch_size=BATCH, default_user=by)
    return sound


def find_pin_issues(pins: Sequence[PinnedOperation]) -> dict[int, str]:
    """Why pins could not be kept, by their place: the check of an import, on the rows that they name."""
    settings = FactorySettings.objects.first()
    if settings is None or not pins:
        return {}
    found: dict[int, str] = {}
    for issue in pins_are_sound(_factory_of(pins, settings)):
        number = int(issue.path.split("/")[2])
        found.setdefault(number, f"{pins[number]}: {issue.message}.")
    return found


def _factory_of(pins: Sequence[PinnedOperation], settings: FactorySettings) -> Factory:
    """As much of the factory as says whether pins are sound; 4 queries."""
    orders = {pin.order.ref: pin.order for pin in pins}
    items = {order.item_id for order in orders.values()}
    steps = Operation.objects.filter(item__in=items).select_related("item", "work_centre")
    routings: dict[str, list[dict[str, Any]]] = {}
    for step in steps.prefetch_related("alternates__work_centre").order_by("seq"):
        routings.setdefault(step.item.code, []).append(
            {
                "seq": step.seq,
                "work_centre": step.work_centre.code if step.work_centre else None,
                "external_days": step.external_days,
                "alternates": [{"work_centre": each.work_centre.code} for each in step.alternates.all()],
            }
        )
    codes = {step["work_centre"] for rows in routings.values() for step in rows}
    codes |= {
        each["work_centre"] for rows in routings.values() for step in rows for each in step["alternates"]
    }
    codes |= {pin.work_centre.code for pin in pins if pin.work_centre is not None}
    centres = WorkCentre.objects.filter(code__in=codes - {None}).values("code", "stations", "calendar__code")
    released = [order for order in orders.values() if isinstance(order, WorkOrder)]
    fixed = [order for order in orders.values() if isinstance(order, FirmOrder)]
    return factory_from_json(
        {
            "format": "factory-1",
            "name": settings.name,
            "time_zone": settings.time_zone,
            "as_of": settings.as_of,
            "horizon_end": settings.horizon_end,
            "work_centres": [
                {"code": row["code"], "stations": row["stations"], "calendar": row["calendar__code"]}
                for row in centres
            ],
            "routings": routings,
            "work_orders": [
                {
                    "ref": order.ref,
                    "item": order.item.code,
                    "qty": order.qty,
                    "due": order.due,
                    "done_through_seq": order.done_through_seq,
                }
                for order in released
            ],
            "firm_orders": [
                {
                    "ref": order.ref,
                    "item": order.item.code,
                    "kind": order.kind,
                    "qty": order.qty,
                    "due": order.due,
                }
                for order in fixed
            ],
            "pinned_operations": [
                {
                    "order": pin.order.ref,
                    "seq": pin.seq,
                    "start": pin.start,
                    "work_centre": pin.work_centre.code if pin.work_centre else None,
                    "station": pin.station,
                }
                for pin in pins
            ],
        }
    )


def _require_open(version: int) -> None:
    FactorySettings.objects.select_for_update().first()
    run = PlanRun.objects.select_for_update(of=("self",)).defer("factory_json").filter(pk=version).first()
    if run is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if run.status not in (PlanStatus.READY, PlanStatus.PUBLISHED):
        state = run.get_status_display().lower()
        raise PlanNotReady(
            f"Plan {version} is {state}: only a ready or published plan has operations to pin."
        )


def _first_rows(rows: Iterable[PlannedOperation]) -> dict[Key, PlannedOperation]:
    """Of an operation that is split over stations the row that starts first: it is what a pin holds."""
    found: dict[Key, PlannedOperation] = {}
    for row in sorted(rows, key=lambda each: (each.start, each.pk)):
        found.setdefault((row.order, row.seq), row)
    return found


def _standing_orders(version: int, names: Iterable[str]) -> Orders:
    """Released and firm orders by the name that a plan has for them."""
    names = list(names)
    orders: Orders = {}
    became = Q(plan_version=version, planned_order__in=names)
    for firm in FirmOrder.objects.filter(became | Q(ref__in=names)).select_related("item"):
        orders[firm.planned_order if firm.plan_version == version else firm.ref] = firm
    for work in WorkOrder.objects.filter(ref__in=names).select_related("item"):
        orders[work.ref] = work
    return {name: orders[name] for name in names if name in orders}


def _of_orders(orders: Iterable[WorkOrder | FirmOrder]) -> "QuerySet[PinnedOperation]":
    orders = list(orders)
    released = [order.pk for order in orders if isinstance(order, WorkOrder)]
    fixed = [order.pk for order in orders if isinstance(order, FirmOrder)]
    pins = PinnedOperation.objects.filter(Q(work_order__in=released) | Q(firm_order__in=fixed))
    return pins.select_related("work_order", "firm_order")


def _pins_of(rows: Iterable[PlannedOperation], orders: Orders) -> list[PinnedOperation]:
    """What the rows of a plan say, as pins that are not stored yet."""
    rows = list(rows)
    codes = {row.work_centre for row in rows if row.work_centre is not None}
    centres = {centre.code: centre for centre in WorkCentre.objects.filter(code__in=codes)}
    return [
        new_pin(
            order=orders[row.order],
            seq=row.seq,
            start=row.start,
            work_centre=centres.get(row.work_centre or ""),
            station=row.station,
        )
        for row in rows
        if row.work_centre is None or row.work_centre in centres
    ]


def new_pin(
    *,
    order: WorkOrder | FirmOrder,
    seq: int,
    start: dt.datetime,
    work_centre: WorkCentre | None,
    station: int | None,
) -> PinnedOperation:
    """A pin that is not stored yet."""
    return PinnedOperation(
        work_order=order if isinstance(order, WorkOrder) else None,
        firm_order=order if isinstance(order, FirmOrder) else None,
        seq=seq,
        start=start,
        work_centre=work_centre,
        station=station,
    )


def store_pin(pin: PinnedOperation, by: Any) -> PinnedOperation:
    """The pin of the operation, new or moved."""
    stored = _of_orders([pin.order]).select_for_update(of=("self",)).filter(seq=pin.seq).first()
    if stored is not None:
        stored.start, stored.work_centre, stored.station = pin.start, pin.work_centre, pin.station
        stored.version += 1
        pin = stored
    pin.changed_by = by
    pin.save()
    return pin
