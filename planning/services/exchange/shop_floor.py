"""Sections of factory-1 about the shop floor: stations that are down, people who are not there."""

from planning.engine.factory import Factory
from planning.models import Absence, Downtime
from planning.services.exchange.master import Skills, WorkCentres
from planning.services.exchange.sync import Session, Wanted


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
