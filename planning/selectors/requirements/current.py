"""The current run of the requirements, and the engine's run that it stores."""

from decimal import Decimal
from threading import Lock

from planning.engine.netting import NettingRun, read_run
from planning.errors import NoRequirements
from planning.models import RequirementsRun, RequirementsState
from planning.selectors.requirements.changes import newest_change

PLACES = -6  # of a millionth

_last: dict[str, NettingRun] = {}
_changing = Lock()


def units(quantity: int) -> Decimal:
    """Millionths as people count."""
    return Decimal(quantity).scaleb(PLACES)


def find_current_run() -> RequirementsRun | None:
    """The newest run, without what it stores. 1 query."""
    runs = RequirementsRun.objects.select_related("created_by").defer("data", "receipts")
    return runs.order_by("-pk").first()


def get_current_run() -> RequirementsRun:
    """The newest run, or ``NoRequirements``. 1 query."""
    run = find_current_run()
    if run is None:
        raise NoRequirements(
            "Material requirements have not been worked out yet: refresh them, on their page or with "
            "`manage.py net_requirements`."
        )
    return run


def is_outdated() -> bool:
    """Whether anything that requirements are made from has changed since they were compared. 2 queries."""
    known = RequirementsState.objects.values_list("newest_change", flat=True).first()
    return known != newest_change()


def read_stored(run: RequirementsRun) -> NettingRun:
    """The engine's run; the last one that was read or made stays at hand. Nobody may write into it.

    Raises ``InvalidNetting`` for what another release has written.
    """
    found = _last.get(run.input_digest)
    if found is None:
        found = read_run(bytes(run.data))
        remember(run.input_digest, found)
    return found


def remember(digest: str, run: NettingRun) -> None:
    """Keep ``run`` at hand, in place of the one before. The same input always has the same run."""
    with _changing:
        _last.clear()
        _last[digest] = run
