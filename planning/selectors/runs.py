"""Plan runs: which there are, which one is published, and how one is doing.

The frozen input is large and is not read along.
"""

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from planning.engine.factory import Factory
from planning.engine.factory_codec import read_factory
from planning.errors import NoPublishedPlan, PlanNotFound, PlanNotReady
from planning.models import BUILT, PlanPromise, PlanRun, PlanStatus

BASE_SCENARIO = "base"


# Rules of the verifier that have sums of money, or wages, to say.
MONEY_RULES = frozenset(
    {
        "hiring_budget_kept",
        "people_told",
        "staffing_cost_recomputed",
        "money_at_risk_sound",
        "cost_recomputed",
        "cash_recomputed",
        "certificate_consistent",
    }
)
FOUND_VIOLATIONS = "The verifier found violations in the plan."


def tells_money(rule: str) -> bool:
    """Whether what a violated rule says is for those who see wages."""
    return rule in MONEY_RULES


def failure_of(run: PlanRun, *, wages: bool) -> str:
    """Why the run failed. The first violation, which may be about money, is told only with ``wages``."""
    tells_violation = run.failure_code == "violations"
    return FOUND_VIOLATIONS if tells_violation and not wages else run.failure_reason


def list_runs() -> "QuerySet[PlanRun]":
    """All runs with who asked for and published them, the newest first."""
    runs = PlanRun.objects.defer("factory_json").select_related(
        "requested_by", "published_by", "cancelled_by", "finish_requested_by"
    )
    return runs.order_by("-pk")


def get_run(version: int) -> PlanRun:
    """The run, whatever its state, or ``PlanNotFound``. 1 query."""
    run = list_runs().filter(pk=version).first()
    if run is None:
        raise PlanNotFound(f"There is no plan {version}.")
    return run


def get_built_run(version: int) -> PlanRun:
    """A run that has results, or ``PlanNotReady``. 1 query."""
    run = get_run(version)
    if run.status not in BUILT:
        raise PlanNotReady(f"Plan {version} is {run.get_status_display().lower()}: it has no results.")
    return run


def find_published(scenario: str = BASE_SCENARIO) -> PlanRun | None:
    """The plan whose dates are promised. 1 query."""
    return list_runs().filter(scenario=scenario, status=PlanStatus.PUBLISHED).first()


def find_rival(run: PlanRun) -> PlanRun | None:
    """What somebody would hold ``run`` against: the published plan, else the newest other. 1 query."""
    others = PlanRun.objects.filter(scenario=run.scenario, status__in=BUILT).exclude(pk=run.pk)
    is_published = Q(status=PlanStatus.PUBLISHED)
    rows = others.only("version", "status").order_by(Case(When(is_published, then=0), default=1), "-pk")
    return rows.first()


def get_current(scenario: str = BASE_SCENARIO) -> PlanRun:
    """The published plan, or ``NoPublishedPlan``. 1 query."""
    run = find_published(scenario)
    if run is None:
        raise NoPublishedPlan("No plan has been published yet.")
    return run


def frozen_factory(version: int) -> Factory:
    """The factory as this plan's build read it. 1 query."""
    text = PlanRun.objects.filter(pk=version).values_list("factory_json", flat=True).first()
    if text is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if not text:
        raise PlanNotReady(f"The build of plan {version} has not read its input.")
    return read_factory(text)


def find_newest_with_order(ref: str) -> PlanRun | None:
    """The newest ready or published plan that delivers something of a customer's order. 1 query."""
    delivers = PlanPromise.objects.filter(run=OuterRef("pk"), sales_order=ref)
    current = list_runs().filter(status__in=[PlanStatus.READY, PlanStatus.PUBLISHED])
    return current.filter(Exists(delivers)).first()
