"""The one factory as it is now; what a plan was built from is told by ``frozen``."""

from zoneinfo import ZoneInfo

from planning.models import FactorySettings


def get_zone() -> ZoneInfo:
    """The factory's own time; UTC as long as there is no factory. 1 query."""
    return ZoneInfo(FactorySettings.objects.values_list("time_zone", flat=True).first() or "UTC")
