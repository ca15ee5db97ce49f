"""Sections of factory-1 about the shop floor: stations that are down."""

from planning.engine.factory import Factory
from planning.models import Downtime
from planning.services.exchange.master import WorkCentres
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
