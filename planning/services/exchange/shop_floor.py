"""Sections of factory-1 about what happens: stations that are down, people who are not there, pins, decisions
on hires.
"""

from typing import Any

from planning.engine.factory import Factory, HiringDecisionRow
from planning.models import Absence, Downtime, FirmOrder, HiringDecision, PinnedOperation, WorkOrder
from planning.services.exchange.master import Skills, WorkCentres
from planning.services.exchange.materials import FirmOrders, WorkOrders
from planning.services.exchange.sync import Key, Session, Wanted


def sync_downtimes(session: Session, factory: Factory, work_centres: WorkCentres) -> None:
    """Stations that are down."""
    session.sync(
        model=Downtime,
        section="downtimes",
        existing=Downtime.objects.select_related("work_centre"),
        key_of=lambda row: (row.work_centre.code, row.station, row.down_from),
        wanted=[
            Wanted(
                key=(row.work_centre, row.station, row.from_),
                path=f"/downtimes/{i}",
                columns={
                    "work_centre": work_centres[row.work_centre,],
                    "station": row.station,
                    "down_from": row.from_,
                },
                values={"down_to": row.to, "name": row.name},
            )
            for i, row in enumerate(factory.downtimes)
        ],
    )


def sync_absences(session: Session, factory: Factory, skills: Skills) -> None:
    """People who are paid but not there."""
    session.sync(
        model=Absence,
        section="absences",
        existing=Absence.objects.select_related("skill"),
        key_of=lambda row: (row.skill.code, row.absent_from, row.name),
        wanted=[
            Wanted(
                key=(row.skill, row.from_, row.name),
                path=f"/absences/{i}",
                columns={"skill": skills[row.skill,], "absent_from": row.from_, "name": row.name},
                values={"heads": row.heads, "absent_to": row.to},
            )
            for i, row in enumerate(factory.absences)
        ],
    )


def sync_decisions(session: Session, factory: Factory, skills: Skills) -> None:
    """Decisions on hires. Who decided and when stay with one that the file only repeats."""
    existing = {
        (row.skill.code, row.month): row
        for row in HiringDecision.objects.select_related("skill", "decided_by")
    }
    session.sync(
        model=HiringDecision,
        section="hiring_decisions",
        existing=existing.values(),
        key_of=lambda row: (row.skill.code, row.month),
        wanted=[
            Wanted(
                key=(row.skill, row.month),
                path=f"/hiring_decisions/{i}",
                columns={"skill": skills[row.skill,], "month": row.month},
                values=_decided(session, row, existing.get((row.skill, row.month))),
            )
            for i, row in enumerate(factory.hiring_decisions)
        ],
    )


def _decided(session: Session, row: HiringDecisionRow, stored: HiringDecision | None) -> dict[str, Any]:
    told: dict[str, Any] = {"heads": row.heads, "verdict": row.verdict, "note": row.name}
    if stored is not None and all(getattr(stored, name) == value for name, value in told.items()):
        return told
    return told | {"decided_by": session.by, "decided_at": session.now}


def sync_pins(
    session: Session,
    factory: Factory,
    work_orders: WorkOrders,
    firm_orders: FirmOrders,
    work_centres: WorkCentres,
) -> None:
    """Operations that a planner has pinned; their orders are those of the file, or stored."""
    released: dict[Key, WorkOrder] = dict(work_orders)
    fixed: dict[Key, FirmOrder] = dict(firm_orders)
    missing = [row.order for row in factory.pinned_operations if (row.order,) not in released | fixed]
    if missing:
        released |= {(row.ref,): row for row in WorkOrder.objects.filter(ref__in=missing)}
        fixed |= {(row.ref,): row for row in FirmOrder.objects.filter(ref__in=missing)}
    session.sync(
        model=PinnedOperation,
        section="pinned_operations",
        existing=PinnedOperation.objects.select_related("work_order", "firm_order", "work_centre"),
        key_of=lambda row: (row.order.ref, row.seq),
        wanted=[
            Wanted(
                key=(row.order, row.seq),
                path=f"/pinned_operations/{i}",
                columns={
                    "work_order": released.get((row.order,)),
                    "firm_order": None if (row.order,) in released else fixed[row.order,],
                    "seq": row.seq,
                },
                values={
                    "start": row.start,
                    "work_centre": work_centres[row.work_centre,] if row.work_centre is not None else None,
                    "station": row.station,
                },
            )
            for i, row in enumerate(factory.pinned_operations)
        ],
    )
