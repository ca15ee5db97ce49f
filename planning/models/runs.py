"""A plan run: the request, who builds it, what it was built from, and how good the plan is.

The row is the truth about a build, the queue only wakes a worker. ``version`` is the primary key:
the database numbers requests, so two that come at once never get the same number.
"""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from inventory.models.fields import DAY, in_calendar, not_blank, not_negative, one_of

MAX_ATTEMPTS = 3


class PlanStatus(models.TextChoices):
    """queued -> running -> ready -> published -> archived; or failed, or cancelled."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    READY = "ready", "Ready"
    PUBLISHED = "published", "Published"
    ARCHIVED = "archived", "Archived"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


BUILT = [PlanStatus.READY, PlanStatus.PUBLISHED, PlanStatus.ARCHIVED]
ENDED = [*BUILT, PlanStatus.FAILED, PlanStatus.CANCELLED]


class PlanRun(models.Model):
    """One request for a plan and, when it is built, everything about it that is not a row of its results.

    ``as_of`` empty: the stored planning date, read when the run starts. ``time_limit_seconds`` empty:
    a budget of deterministic work ends the build, so that a rebuild gives the same plan. ``workers`` empty:
    what the machine gives that builds it first, which is then kept. ``weights`` holds
    those of the engine's ``Weights`` (empty: the usual ones); of ``base_plan`` at most the share
    ``move_budget`` of the operations may move.
    ``factory_json`` is the frozen input, canonical factory-1, of which ``input_digest`` is the sha256;
    ``skills`` has code, name and kind of its skills, for pages that need no more of it.
    ``finish_requested_at``: since then the build is to end with the best plan it has, by whichever attempt.
    ``course`` has the improvements of the current attempt: seconds since it began, cost, lateness, its bound.
    ``stale`` lists what had changed since, when the plan was published, and was not promised for that reason.
    """

    version = models.BigAutoField(primary_key=True)
    scenario = models.CharField(max_length=64, default="base")
    status = models.CharField(max_length=10, choices=PlanStatus.choices, default=PlanStatus.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField()
    as_of = models.DateField("planning date", **DAY, null=True, blank=True)
    time_limit_seconds = models.PositiveIntegerField(null=True, blank=True)
    workers = models.PositiveIntegerField(null=True, blank=True)
    seed = models.PositiveIntegerField(default=1)
    work_budget = models.FloatField(null=True, blank=True)
    weights = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    base_plan = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="changed_by"
    )
    move_budget = models.FloatField(null=True, blank=True)

    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=200, blank=True, default="")
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finish_requested_at = models.DateTimeField(null=True, blank=True)
    finish_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=64, blank=True, default="")
    percent = models.PositiveSmallIntegerField(default=0)
    incumbent_cost = models.FloatField(null=True, blank=True)
    progress_at = models.DateTimeField(null=True, blank=True)
    course = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)

    failure_code = models.CharField(max_length=64, blank=True, default="")
    failure_reason = models.TextField(blank=True, default="")
    violations = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)

    factory_json = models.TextField(blank=True, default="")
    skills = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)
    input_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    engine_version = models.CharField(max_length=64, blank=True, default="")
    reproducible = models.BooleanField(default=True)
    built_at = models.DateTimeField(null=True, blank=True)
    certificate = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    cost = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    total_cost = models.FloatField(null=True, blank=True)

    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    stale = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "plan"
        indexes = [
            models.Index(fields=["status", "requested_at"], name="plan_run_status_requested"),
            models.Index(fields=["status", "lease_until"], name="plan_run_status_lease"),
        ]
        constraints = [
            not_blank("plan_run", "scenario"),
            one_of("plan_run", "status", PlanStatus),
            in_calendar("plan_run", "as_of"),
            not_negative("plan_run", "percent", limit=100),
            not_negative("plan_run", "attempt", limit=MAX_ATTEMPTS),
            models.CheckConstraint(
                condition=models.Q(time_limit_seconds__isnull=True) | models.Q(time_limit_seconds__gt=0),
                name="plan_run_time_limit_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(move_budget__isnull=True)
                | models.Q(move_budget__gte=0, move_budget__lte=1, base_plan__isnull=False),
                name="plan_run_move_budget_is_share_of_base",
            ),
            models.CheckConstraint(condition=models.Q(workers__gt=0), name="plan_run_workers_positive"),
            models.UniqueConstraint(
                fields=["scenario"],
                condition=models.Q(status=PlanStatus.PUBLISHED),
                name="plan_run_one_published_per_scenario",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=PlanStatus.RUNNING)
                | models.Q(attempt__gt=0, lease_until__isnull=False, started_at__isnull=False),
                name="plan_run_running_has_lease",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=BUILT)
                | (
                    models.Q(finished_at__isnull=False, built_at__isnull=False, total_cost__isnull=False)
                    & models.Q(certificate__isnull=False, cost__isnull=False)
                    & ~models.Q(input_digest="")
                    & ~models.Q(factory_json="")
                ),
                name="plan_run_built_is_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[PlanStatus.PUBLISHED, PlanStatus.ARCHIVED], published_at__isnull=False
                )
                | models.Q(
                    ~models.Q(status__in=[PlanStatus.PUBLISHED, PlanStatus.ARCHIVED]),
                    published_at__isnull=True,
                ),
                name="plan_run_published_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=ENDED, finished_at__isnull=False)
                | models.Q(~models.Q(status__in=ENDED), finished_at__isnull=True),
                name="plan_run_ended_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=PlanStatus.FAILED)
                | (~models.Q(failure_reason="") & ~models.Q(failure_code="")),
                name="plan_run_failed_has_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=BUILT) | models.Q(violations=[]),
                name="plan_run_built_without_violations",
            ),
        ]

    def __str__(self) -> str:
        return f"Plan {self.version}"
