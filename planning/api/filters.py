"""By what the rows of a plan can be narrowed."""

import django_filters
from django.db.models import F, Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from config.rest.filters import CodeFilter, DayFilter, TruthFilter
from planning.models import (
    CashMonth,
    FirmOrder,
    HiringDecision,
    LabourShift,
    LabourWeek,
    LoadWeek,
    OrderKind,
    Pegging,
    PlanException,
    PlannedOperation,
    PlannedOrder,
    PlanPromise,
    PlanRun,
    PlanStatus,
    Severity,
    SkillChange,
    StaffingMonth,
    Verdict,
)


class PlanFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=PlanStatus.choices, empty_label=None)

    class Meta:
        model = PlanRun
        fields: list[str] = []


class PlannedOrderFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=[("make", "Make"), ("buy", "Buy")], empty_label=None)
    item = CodeFilter()
    supplier = CodeFilter()

    class Meta:
        model = PlannedOrder
        fields: list[str] = []


class OperationFilter(django_filters.FilterSet):
    work_centre = CodeFilter()
    skill = CodeFilter()
    order = CodeFilter()
    item = CodeFilter()

    class Meta:
        model = PlannedOperation
        fields: list[str] = []


class StaffingFilter(django_filters.FilterSet):
    skill = CodeFilter()
    month = CodeFilter()

    class Meta:
        model = StaffingMonth
        fields: list[str] = []


class SkillChangeFilter(django_filters.FilterSet):
    from_skill = CodeFilter()
    to_skill = CodeFilter()
    month = CodeFilter()

    class Meta:
        model = SkillChange
        fields: list[str] = []


class LabourWeekFilter(django_filters.FilterSet):
    skill = CodeFilter()
    week = DayFilter()

    class Meta:
        model = LabourWeek
        fields: list[str] = []


class LabourShiftFilter(django_filters.FilterSet):
    skill = CodeFilter()
    month = CodeFilter()
    shift = CodeFilter()

    class Meta:
        model = LabourShift
        fields: list[str] = []


class CashFilter(django_filters.FilterSet):
    month = CodeFilter()

    class Meta:
        model = CashMonth
        fields: list[str] = []


class HiringDecisionFilter(django_filters.FilterSet):
    skill = CodeFilter(field_name="skill__code")
    month = CodeFilter()
    verdict = django_filters.ChoiceFilter(choices=Verdict.choices, empty_label=None)

    class Meta:
        model = HiringDecision
        fields: list[str] = []


class LoadFilter(django_filters.FilterSet):
    work_centre = CodeFilter()
    week = DayFilter()

    class Meta:
        model = LoadWeek
        fields: list[str] = []


class PeggingFilter(django_filters.FilterSet):
    order = CodeFilter()
    for_order = CodeFilter()
    sales_order = CodeFilter()
    item = CodeFilter()

    class Meta:
        model = Pegging
        fields: list[str] = []


class PromiseFilter(django_filters.FilterSet):
    sales_order = CodeFilter()
    item = CodeFilter()
    late = TruthFilter(method="filter_late")

    class Meta:
        model = PlanPromise
        fields: list[str] = []

    @extend_schema_field(OpenApiTypes.BOOL)
    def filter_late(self, rows: "QuerySet[PlanPromise]", name: str, is_late: bool) -> "QuerySet[PlanPromise]":
        late = Q(days_late__gt=0) | Q(promised__isnull=True)
        return rows.filter(late if is_late else ~late)


class ExceptionFilter(django_filters.FilterSet):
    severity = django_filters.ChoiceFilter(choices=Severity.choices, empty_label=None)
    code = CodeFilter()
    entity = CodeFilter()
    item = CodeFilter()
    ordering = django_filters.ChoiceFilter(
        choices=[("-money_at_risk", "most money at risk first")], empty_label=None, method="order_rows"
    )

    class Meta:
        model = PlanException
        fields: list[str] = []

    def order_rows(
        self, rows: "QuerySet[PlanException]", name: str, ordering: str
    ) -> "QuerySet[PlanException]":
        return rows.order_by(F("money_at_risk").desc(nulls_last=True), "code", "entity", "pk")


class FirmOrderFilter(django_filters.FilterSet):
    item = CodeFilter(field_name="item__code")
    kind = django_filters.ChoiceFilter(choices=OrderKind.choices, empty_label=None)
    supplier = CodeFilter(field_name="supplier__code")

    class Meta:
        model = FirmOrder
        fields: list[str] = []
