"""Plan runs: which there are, which one is published, and how one is doing.

The frozen input is large and is not read along.
"""

from django.db.models import BigIntegerField, Case, Exists, OuterRef, QuerySet, Subquery, When

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
        "shift_hours_recomputed",
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
    """The run with its ``successor``, whatever its state, or ``PlanNotFound``. 1 query."""
    run = with_successor(list_runs()).filter(pk=version).first()
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


def with_successor(runs: "QuerySet[PlanRun]") -> "QuerySet[PlanRun]":
    """Annotates ``successor``: the plan that was published in place of an archived one, or the published one
    that a ready plan is older than, so that it cannot be published any more; else None.
    """
    others = PlanRun.objects.filter(scenario=OuterRef("scenario"))
    next_published = others.filter(published_at__gt=OuterRef("published_at")).order_by("published_at")
    newer = others.filter(status=PlanStatus.PUBLISHED, pk__gt=OuterRef("pk"))
    return runs.annotate(
        successor=Case(
            When(status=PlanStatus.ARCHIVED, then=Subquery(next_published.values("pk")[:1])),
            When(status=PlanStatus.READY, then=Subquery(newer.values("pk")[:1])),
            output_field=BigIntegerField(),
        )
    )


def state_of(run: PlanRun, successor: int | None) -> str:
    """The status in words, which say what became of a plan that is not the last one."""
    if successor is None:
        return run.get_status_display()
    if run.status == PlanStatus.ARCHIVED:
        return f"Replaced by plan {successor}"
    return f"Never published; plan {successor} is"


def find_rival(run: PlanRun) -> PlanRun | None:
    """What somebody would hold ``run`` against: the published plan; of that one itself the newest later plan,
    or the one it replaced. 1 query.
    """
    others = PlanRun.objects.filter(scenario=run.scenario, status__in=BUILT).exclude(pk=run.pk)
    rank = Case(
        When(status=PlanStatus.PUBLISHED, then=0),
        When(pk__gt=run.pk, then=1),
        When(status=PlanStatus.ARCHIVED, then=2),
        default=3,
    )
    return others.only("version", "status").order_by(rank, "-pk").first()


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
