"""Addresses of orders. Those that end in a word come first: a number may hold a slash."""

from django.urls import path

from config.rest import converters  # noqa: F401 - registers <code:...>
from orders.api import views

urlpatterns = [
    path("orders/", views.OrderList.as_view(), name="order-list"),
    path("orders/<code:ref>/confirm/", views.OrderConfirm.as_view(), name="order-confirm"),
    path("orders/<code:ref>/hold/", views.OrderHold.as_view(), name="order-hold"),
    path("orders/<code:ref>/release/", views.OrderRelease.as_view(), name="order-release"),
    path("orders/<code:ref>/cancel/", views.OrderCancel.as_view(), name="order-cancel"),
    path(
        "orders/<code:ref>/delivery-dates/", views.OrderDeliveryDates.as_view(), name="order-delivery-dates"
    ),
    path("orders/<code:ref>/", views.OrderDetail.as_view(), name="order-detail"),
]
