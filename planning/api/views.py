"""Plans over HTTP. Nothing here waits for a solver: a build is asked for, watched, and read once done."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from config.rest.filters import StrictFilterBackend
from config.rest.pagination import Pages
from config.rest.roles import sees_wages
from config.rest.serializers import NothingSerializer
from config.rest.views import Endpoint
from planning.api import filters, rows, serializers, wages
from planning.engine.plan import plan_json
from planning.models import BUILT, Pegging, PlanRun
from planning.saving import plan_from_rows
from planning.selectors import results, runs
from planning.selectors.summary import get_summary
from planning.services.publishing import preview_publish, publish_plan
from planning.services.runs import cancel_plan, finish_plan
from planning.tasks import submit_plan


class _PlanEndpoint(Endpoint):
    """Answers with plans, without what labour costs where the caller may not see it."""

    def shown(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        row = dict(plan)
        return row if sees_wages(self.request.user) else wages.hide_in_plan(row)

    def detail(self, run: PlanRun) -> dict[str, Any]:
        # Set on the instance for the serializer: the run of a plan that is not built has no summary.
        sees = sees_wages(self.request.user)
        summary = get_summary(run.pk, wages=sees) if run.status in BUILT else None
        run.summary = summary  # type: ignore[attr-defined]
        return self.shown(serializers.PlanDetailSerializer(run).data)


class PlanList(_PlanEndpoint):
    """All plans."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    filterset_class = filters.PlanFilter
    serializer_class = serializers.PlanSerializer

    def get_queryset(self) -> "QuerySet[PlanRun]":
        return runs.list_runs().defer("course")

    @extend_schema(responses=serializers.PlanSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List plans, the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        plans = serializers.PlanSerializer(page, many=True).data
        return self.get_paginated_response([self.shown(plan) for plan in plans])

    @extend_schema(
        request=serializers.PlanRequestSerializer, responses={202: serializers.PlanDetailSerializer}
    )
    def post(self, request: Request) -> Response:
        """Request a plan. Poll `Location` until `status` is ready, failed or cancelled."""
        body = serializers.PlanRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        run = submit_plan(requested_by=request.user, now=timezone.now(), **body.validated_data)
        location = request.build_absolute_uri(reverse("plan-detail", args=[run.pk]))
        return Response(self.detail(runs.get_run(run.pk)), status=202, headers={"Location": location})


class PlanCurrent(_PlanEndpoint):
    """The plan whose dates are promised."""

    serializer_class = serializers.PlanDetailSerializer

    @extend_schema(responses=serializers.PlanDetailSerializer)
    def get(self, request: Request) -> Response:
        """Read the published plan."""
        return Response(self.detail(runs.get_current()))


class PlanDetail(_PlanEndpoint):
    """One plan."""

    serializer_class = serializers.PlanDetailSerializer

    @extend_schema(responses=serializers.PlanDetailSerializer)
    def get(self, request: Request, version: int) -> Response:
        """Read a plan: how far its build is, what it costs, how good it is."""
        return Response(self.detail(runs.get_run(version)))


class _PlanAct(_PlanEndpoint):
    """Something that happens to a plan. Answers with the plan as it is then."""

    serializer_class = NothingSerializer

    def perform(self, act: Callable[..., Any], request: Request, version: int) -> Response:
        body = NothingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        act(version=version, by=request.user, now=timezone.now())
        return Response(self.detail(runs.get_run(version)))


class PlanCancel(_PlanAct):
    @extend_schema(request=NothingSerializer, responses=serializers.PlanDetailSerializer)
    def post(self, request: Request, version: int) -> Response:
        """Stop a build that is queued or running."""
        return self.perform(cancel_plan, request, version)


class PlanFinish(_PlanAct):
    @extend_schema(request=NothingSerializer, responses=serializers.PlanDetailSerializer)
    def post(self, request: Request, version: int) -> Response:
        """End a running build with the best plan so far. Poll on until `status` is ready; twice is once."""
        return self.perform(finish_plan, request, version)


class PlanPublish(_PlanAct):
    @extend_schema(request=NothingSerializer, responses=serializers.PlanDetailSerializer)
    def post(self, request: Request, version: int) -> Response:
        """Make the dates of a ready plan the promised dates; the plan it replaces stays readable."""
        return self.perform(publish_plan, request, version)


class PlanPublishPreview(Endpoint):
    """What publishing would do."""

    serializer_class = serializers.PublishPreviewSerializer

    @extend_schema(responses=serializers.PublishPreviewSerializer)
    def get(self, request: Request, version: int) -> Response:
        """See which promised dates would move, and by how much. Changes nothing."""
        return Response(serializers.PublishPreviewSerializer(preview_publish(version)).data)


class PlanExport(Endpoint):
    """The whole plan."""

    serializer_class = rows.PlanDocumentSerializer

    @extend_schema(responses=rows.PlanDocumentSerializer)
    def get(self, request: Request, version: int) -> Response:
        """Fetch the plan as a plan-1 document."""
        document = plan_json(plan_from_rows(version))
        if not sees_wages(request.user):
            document = wages.hide_in_document(document)
        name = f'attachment; filename="plan-{version}.json"'
        return Response(document, headers={"Content-Disposition": name})


class _Rows(Endpoint):
    """One section of plan-1, in pages. A plan that is not built has no rows: 409, not an empty list."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    serializer_class: type[Serializer[Any]]
    list_rows: Callable[[int], "QuerySet[Any]"]

    def get_queryset(self) -> "QuerySet[Any]":
        if getattr(self, "swagger_fake_view", False):
            return type(self).list_rows(0)
        return type(self).list_rows(runs.get_built_run(self.kwargs["version"]).pk)

    def get(self, request: Request, version: int) -> Response:
        """Read rows of a plan, with the keys of plan-1."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.shown(self.get_serializer(page, many=True).data))

    def shown(self, rows_of_page: list[Any]) -> list[Any]:
        return rows_of_page


class PlannedOrders(_Rows):
    serializer_class = rows.PlannedOrderSerializer
    filterset_class = filters.PlannedOrderFilter
    list_rows = staticmethod(results.list_planned_orders)


class Operations(_Rows):
    serializer_class = rows.OperationSerializer
    filterset_class = filters.OperationFilter
    list_rows = staticmethod(results.list_operations)


class Staffing(_Rows):
    serializer_class = rows.StaffingSerializer
    filterset_class = filters.StaffingFilter
    list_rows = staticmethod(results.list_staffing)

    def shown(self, rows_of_page: list[Any]) -> list[Any]:
        if sees_wages(self.request.user):
            return rows_of_page
        return [wages.hide_in_staffing(dict(row)) for row in rows_of_page]


class SkillChanges(_Rows):
    serializer_class = rows.SkillChangeSerializer
    filterset_class = filters.SkillChangeFilter
    list_rows = staticmethod(results.list_skill_changes)


class LabourWeeks(_Rows):
    serializer_class = rows.LabourWeekSerializer
    filterset_class = filters.LabourWeekFilter
    list_rows = staticmethod(results.list_labour_weeks)


class LabourShifts(_Rows):
    """What a premium costs gives the wage away."""

    serializer_class = rows.LabourShiftSerializer
    filterset_class = filters.LabourShiftFilter
    list_rows = staticmethod(results.list_labour_shifts)

    def shown(self, rows_of_page: list[Any]) -> list[Any]:
        if sees_wages(self.request.user):
            return rows_of_page
        return [wages.hide_in_shift(dict(row)) for row in rows_of_page]


class Cash(_Rows):
    serializer_class = rows.CashMonthSerializer
    filterset_class = filters.CashFilter
    list_rows = staticmethod(results.list_cash)


class Load(_Rows):
    serializer_class = rows.LoadSerializer
    filterset_class = filters.LoadFilter
    list_rows = staticmethod(results.list_load)


def _pegging(version: int) -> "QuerySet[Pegging]":
    return Pegging.objects.filter(run=version).order_by("pk")


class PeggingRows(_Rows):
    serializer_class = rows.PeggingSerializer
    filterset_class = filters.PeggingFilter
    list_rows = staticmethod(_pegging)


class Promises(_Rows):
    serializer_class = rows.PlanPromiseSerializer
    filterset_class = filters.PromiseFilter
    list_rows = staticmethod(results.list_promises)


class Exceptions(_Rows):
    serializer_class = rows.PlanExceptionSerializer
    filterset_class = filters.ExceptionFilter

    def get_queryset(self) -> "QuerySet[Any]":
        if getattr(self, "swagger_fake_view", False):
            return results.list_exceptions(0, wages=False)
        version = runs.get_built_run(self.kwargs["version"]).pk
        return results.list_exceptions(version, wages=sees_wages(self.request.user))
