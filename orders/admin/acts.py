"""Confirm, hold, release, cancel, ship: pages behind the buttons of an order, and actions of the list.

A button opens a page, the page posts to a service: nothing changes by following a link.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from config.rest.roles import PRODUCTION, SALES, find_right, roles_of
from orders import services
from orders.admin.forms import ActForm, ReasonForm, ShipAllForm, ShipForm
from orders.admin.written import in_words
from orders.errors import OrderError
from orders.models import Instalment, OrderStatus, SalesOrder

SHIP_ROWS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A named act: from which states, behind which form, by which service."""

    name: str
    label: str
    done: str
    intro: str
    states: tuple[OrderStatus, ...]
    form: type[ActForm]
    service: Callable[..., Any]
    roles: frozenset[str]
    is_dangerous: bool = False


def _roles(name: str) -> frozenset[str]:
    right = find_right(f"order-{name}", "POST")
    return right.roles if right else frozenset({SALES, PRODUCTION})


ACTS = {
    act.name: act
    for act in (
        Act(
            name="confirm",
            label="Confirm",
            done="confirmed",
            intro="Planning must meet this order from its next plan on.",
            states=(OrderStatus.QUOTE,),
            form=ActForm,
            service=services.confirm_order,
            roles=_roles("confirm"),
        ),
        Act(
            name="hold",
            label="Put on hold",
            done="put on hold",
            intro="The order leaves planning until it is released; what was promised stays written.",
            states=(OrderStatus.CONFIRMED,),
            form=ReasonForm,
            service=services.hold_order,
            roles=_roles("hold"),
        ),
        Act(
            name="release",
            label="Release",
            done="released",
            intro="Planning takes the order up again.",
            states=(OrderStatus.ON_HOLD,),
            form=ActForm,
            service=services.release_order,
            roles=_roles("release"),
        ),
        Act(
            name="ship",
            label="Ship",
            done="shipped",
            intro="Record what left. The order is shipped once nothing of it is open.",
            states=(OrderStatus.CONFIRMED,),
            form=ShipAllForm,
            service=services.ship_order,
            roles=_roles("ship"),
        ),
        Act(
            name="cancel",
            label="Cancel order",
            done="cancelled",
            intro="What has not shipped is no longer wanted. There is no way back.",
            states=(OrderStatus.QUOTE, OrderStatus.CONFIRMED, OrderStatus.ON_HOLD),
            form=ReasonForm,
            service=services.cancel_order,
            roles=_roles("cancel"),
            is_dangerous=True,
        ),
    )
}


class OrderActs:
    """The pages and list actions of a sales order admin."""

    admin_site: Any
    opts: Any
    media: Any
    message_user: Callable[..., None]

    def may(self, request: HttpRequest, name: str) -> bool:
        """Acts belong to roles, the same as over the API, whatever state the order is in."""
        return bool(request.user.is_superuser or roles_of(request.user) & ACTS[name].roles)

    def act_page(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """One order, one act."""
        if not self.may(request, name):
            raise PermissionDenied
        act = ACTS[name]
        order = SalesOrder.objects.select_related("customer").filter(pk=object_id).first()
        if order is None:
            raise Http404
        change_page = reverse("admin:orders_salesorder_change", args=[order.pk])
        form = self._form(act, request, order)
        if request.method == "POST" and form.is_valid():
            try:
                _perform(act, order, form, request)
            except OrderError as error:
                form.add_error(None, in_words(error))
            else:
                self.message_user(request, f"Order {order.ref} was {act.done}.", messages.SUCCESS)
                return HttpResponseRedirect(change_page)
        whose = f"{order.customer.name or order.customer.code}, {order.get_status_display().lower()}"
        context = {
            "title": f"{act.label}: {order.ref}",
            "intro": f"{whose}. {act.intro}",
            "back": change_page,
        }
        return self._page(request, act, form, context)

    def act_on_list(
        self, request: HttpRequest, orders: QuerySet[SalesOrder], name: str
    ) -> HttpResponse | None:
        """Several orders, one act: each on its own, every refusal said."""
        if not self.may(request, name):
            raise PermissionDenied
        act = ACTS[name]
        asked = "act_confirmed" in request.POST
        form = act.form(request.POST if asked else None, initial={"shipped_on": timezone.localdate()})
        if act.form is not ActForm and not (asked and form.is_valid()):
            refs = list(orders.order_by("ref").values_list("ref", flat=True))
            context = {
                "title": f"{act.label}: {len(refs)} orders",
                "intro": f"{', '.join(refs)}. {act.intro}",
                "back": reverse("admin:orders_salesorder_changelist"),
                "hidden": [
                    ("action", f"{name}_selected"),
                    ("act_confirmed", "yes"),
                    *((helpers.ACTION_CHECKBOX_NAME, key) for key in orders.values_list("pk", flat=True)),
                ],
            }
            return self._page(request, act, form, context)
        given = {k: v for k, v in form.cleaned_data.items() if k != "version"} if form.is_bound else {}
        done = 0
        for order in orders.order_by("pk"):
            try:
                act.service(ref=order.ref, now=timezone.now(), by=request.user, **given)
                done += 1
            except OrderError as error:
                self.message_user(request, in_words(error), messages.ERROR)
        if done:
            self.message_user(
                request, f"{done} {'order' if done == 1 else 'orders'} {act.done}.", messages.SUCCESS
            )
        return None

    def _form(self, act: Act, request: HttpRequest, order: SalesOrder) -> ActForm:
        data = request.POST if request.method == "POST" else None
        initial = {"version": order.version, "shipped_on": timezone.localdate()}
        if act.name == "ship":
            return ShipForm(data, initial=initial, instalments=_open_instalments(order))
        return act.form(data, initial=initial)

    def _page(self, request: HttpRequest, act: Act, form: ActForm, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request,
            "admin/orders/act.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "form": form,
                "media": self.media + form.media,
                "submit_label": act.label,
                "is_dangerous": act.is_dangerous,
                **context,
            },
        )


def _open_instalments(order: SalesOrder) -> list[Instalment]:
    rows = Instalment.objects.filter(order_line__order=order).select_related("order_line__item")
    return [row for row in rows.order_by("due", "pk") if row.open_qty > 0][:SHIP_ROWS]


def _perform(act: Act, order: SalesOrder, form: ActForm, request: HttpRequest) -> None:
    given = {**form.cleaned_data}
    expected = given.pop("version", None)
    now = timezone.now()
    if not isinstance(form, ShipForm):
        act.service(ref=order.ref, now=now, by=request.user, expected_version=expected, **given)
        return
    with transaction.atomic():
        for row, qty in form.shipped():
            services.ship_instalment(
                ref=order.ref,
                line=row.order_line.line,
                instalment=row.instalment,
                qty=qty,
                shipped_on=given["shipped_on"],
                now=now,
                by=request.user,
                expected_version=expected,
            )
            expected = None  # our own first shipment is the next version
