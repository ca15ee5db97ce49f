"""Addresses of plans."""

from django.urls import path

from planning.api import (
    cards,
    counting,
    hiring,
    items,
    learning,
    material,
    purchasing,
    requirements,
    shop_floor,
    tables,
    versions,
    views,
    workforce,
)

SECTIONS = {
    "planned-orders": views.PlannedOrders,
    "operations": views.Operations,
    "staffing": views.Staffing,
    "skill-changes": views.SkillChanges,
    "labour-weeks": views.LabourWeeks,
    "labour-shifts": views.LabourShifts,
    "cash": views.Cash,
    "load": views.Load,
    "pegging": views.PeggingRows,
    "promises": views.Promises,
    "exceptions": views.Exceptions,
}

urlpatterns = [
    path("plans/", views.PlanList.as_view(), name="plan-list"),
    path("plans/current/", views.PlanCurrent.as_view(), name="plan-current"),
    path("plans/<int:version>/", views.PlanDetail.as_view(), name="plan-detail"),
    path("plans/<int:version>/cancel/", views.PlanCancel.as_view(), name="plan-cancel"),
    path("plans/<int:version>/finish/", views.PlanFinish.as_view(), name="plan-finish"),
    path("plans/<int:version>/publish/", views.PlanPublish.as_view(), name="plan-publish"),
    path(
        "plans/<int:version>/publish-preview/",
        views.PlanPublishPreview.as_view(),
        name="plan-publish-preview",
    ),
    path("plans/<int:version>/compare/<int:other>/", versions.PlanCompareView.as_view(), name="plan-compare"),
    path("plans/<int:version>/export/", views.PlanExport.as_view(), name="plan-export"),
    path("plans/<int:version>/material/", material.MaterialItems.as_view(), name="plan-material"),
    path(
        "plans/<int:version>/items/<code:code>/material/",
        material.ItemMaterial.as_view(),
        name="plan-item-material",
    ),
    path("plans/<int:version>/pegging-tree/", material.PeggingTreeView.as_view(), name="plan-pegging-tree"),
    path("plans/<int:version>/hiring-cards/", cards.HiringCardsView.as_view(), name="plan-hiring-cards"),
    path("plans/<int:version>/firm/", material.PlanFirm.as_view(), name="plan-firm"),
    path("firm-orders/", material.FirmOrders.as_view(), name="firm-order-list"),
    path("firm-orders/<code:ref>/", material.FirmOrderDetail.as_view(), name="firm-order-detail"),
    path("downtimes/", shop_floor.Downtimes.as_view(), name="downtime-list"),
    path("downtimes/<int:key>/", shop_floor.DowntimeDetail.as_view(), name="downtime-detail"),
    path("absences/", shop_floor.Absences.as_view(), name="absence-list"),
    path("absences/<int:key>/", shop_floor.AbsenceDetail.as_view(), name="absence-detail"),
    path("hiring-decisions/", hiring.HiringDecisions.as_view(), name="hiring-decision-list"),
    path(
        "hiring-decisions/<int:key>/",
        hiring.HiringDecisionDetail.as_view(),
        name="hiring-decision-detail",
    ),
    path("labour-reports/", learning.LabourReports.as_view(), name="labour-report-list"),
    path("labour-reports/<int:key>/", learning.LabourReportDetail.as_view(), name="labour-report-detail"),
    path("learning-rates/", learning.LearningRates.as_view(), name="learning-rate-list"),
    path("learning-rates/take-over/", learning.TakeOverRate.as_view(), name="learning-rate-take-over"),
    path("pinned-operations/", shop_floor.Pins.as_view(), name="pin-list"),
    path("pinned-operations/<int:key>/", shop_floor.PinDetail.as_view(), name="pin-detail"),
    path("requirements/", requirements.Requirements.as_view(), name="requirements-list"),
    path("requirements/<code:code>/", requirements.RequirementsOfItem.as_view(), name="requirements-detail"),
    path("items/<code:code>/where-used/", items.WhereUsedView.as_view(), name="item-where-used"),
    path("items/<code:code>/bom/compare/", items.CompareView.as_view(), name="item-bom-compare"),
    path("items/<code:code>/bom/", items.BillView.as_view(), name="item-bom"),
    path("items/<code:code>/cost/", items.CostView.as_view(), name="item-cost"),
    path("data-checks/", items.DataChecksView.as_view(), name="data-checks"),
    path("exports/<code:kind>/", tables.TableExport.as_view(), name="table-export"),
    path("imports/<code:kind>/", tables.TableImport.as_view(), name="table-import"),
    path(
        "plans/<int:version>/purchase-proposals/",
        purchasing.PurchaseProposals.as_view(),
        name="plan-purchase-proposals",
    ),
    path(
        "plans/<int:version>/purchase-orders/",
        purchasing.PurchaseOrdersOfPlan.as_view(),
        name="plan-purchase-orders",
    ),
    path("plans/<int:version>/workforce/", workforce.WorkforceBook.as_view(), name="plan-workforce"),
    path(
        "plans/<int:version>/staffing/<code:skill>/<code:month>/drivers/",
        workforce.StaffingDrivers.as_view(),
        name="plan-staffing-drivers",
    ),
    path("plans/<int:version>/abc/", counting.AbcItems.as_view(), name="plan-abc"),
    path("plans/<int:version>/cycle-counts/", counting.ClassCount.as_view(), name="plan-cycle-counts"),
    *(
        path(f"plans/<int:version>/{section}/", view.as_view(), name=f"plan-{section}")
        for section, view in SECTIONS.items()
    ),
]
