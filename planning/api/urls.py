"""Addresses of plans."""

from django.urls import path

from planning.api import counting, purchasing, views

SECTIONS = {
    "planned-orders": views.PlannedOrders,
    "operations": views.Operations,
    "staffing": views.Staffing,
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
    path("plans/<int:version>/publish/", views.PlanPublish.as_view(), name="plan-publish"),
    path(
        "plans/<int:version>/publish-preview/",
        views.PlanPublishPreview.as_view(),
        name="plan-publish-preview",
    ),
    path("plans/<int:version>/export/", views.PlanExport.as_view(), name="plan-export"),
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
    path("plans/<int:version>/abc/", counting.AbcItems.as_view(), name="plan-abc"),
    path("plans/<int:version>/cycle-counts/", counting.ClassCount.as_view(), name="plan-cycle-counts"),
    *(
        path(f"plans/<int:version>/{section}/", view.as_view(), name=f"plan-{section}")
        for section, view in SECTIONS.items()
    ),
]
