"""Queries and latency of what people and programs open most: delivery dates, a long order in the admin."""

import datetime as dt
import json
import secrets
import time
from collections.abc import Callable
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from bench.figures import Section, milliseconds
from bench.surroundings import BALQON
from orders.models import Instalment, OrderLine, SalesOrder
from orders.services import NewLine, NewOrder, PromiseRow, enter_order, record_promises
from planning.services.exchange import import_factory
from planning.services.roles import create_role_user
from tests.journeys.admin import fields_of

REQUESTS = 200
PAGES = 10
LINES = 200
DATES_QUERIES = 5
PAGE_QUERIES = 15
# Tables that are asked who is calling, before the request itself.
AUTHENTICATION = ("knox_authtoken", "django_session", "auth_user")


def measure() -> Section:
    """On the example factory with every instalment promised, through Django without a network."""
    section = Section("pages", "Delivery dates and the order page")
    document = BALQON.read_bytes()
    import_factory(document=document, now=timezone.now())
    _promise_everything()
    _measure_dates(section)
    _measure_order_page(section, [row["code"] for row in json.loads(document)["items"]])
    return section


def _promise_everything() -> None:
    rows = [
        PromiseRow(
            sales_order=row.order_line.order.ref,
            line=row.order_line.line,
            instalment=row.instalment,
            item=row.order_line.item.code,
            qty=row.qty,
            requested=row.due,
            promised=row.due,
            days_late=0,
        )
        for row in Instalment.objects.select_related("order_line__order", "order_line__item")
    ]
    record_promises(plan_version=1, rows=rows, now=timezone.now())


def _measure_dates(section: Section) -> None:
    longest = max(SalesOrder.objects.all(), key=lambda order: _instalments_of(order).count())
    user = create_role_user(role="reader", username="bench-reader", password=secrets.token_urlsafe())
    _, token = AuthToken.objects.create(user)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    path = f"/api/v1/orders/{longest.ref}/delivery-dates/"
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
        asked = [query["sql"] for query in queries]
    assert len(answer.json()["promises"]) == _instalments_of(longest).count(), answer.content
    own = [sql for sql in asked if not any(table in sql for table in AUTHENTICATION)]
    wall, processor = _time(lambda: client.get(path), REQUESTS)
    rows = len(answer.json()["promises"])
    section.check(
        f"`delivery-dates` of {rows} instalments: queries besides authentication",
        f"{len(own)} ({len(asked)} in all)",
        f"at most {DATES_QUERIES}",
        len(own) <= DATES_QUERIES,
    )
    section.tell(
        f"the same, {REQUESTS} requests one after the other",
        f"half within {milliseconds(wall, 0.5)}, 95 % within {milliseconds(wall, 0.95)}; "
        f"processor {milliseconds(processor, 0.5)}",
    )


def _measure_order_page(section: Section, items: list[str]) -> None:
    lines = tuple(
        NewLine(line=n, item=items[n % len(items)], qty=Decimal(10), due=dt.date(2011, 9, 30))
        for n in range(1, LINES + 1)
    )
    customer = SalesOrder.objects.values_list("customer__code", flat=True).first()
    assert customer is not None
    order = enter_order(order=NewOrder(ref="BENCH-200", customer=customer, lines=lines), now=timezone.now())
    client = Client()
    client.force_login(User.objects.create_superuser("bench-admin", password=None))
    path = reverse("admin:orders_salesorder_change", args=[order.pk])
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path)
        asked = len(queries)
    wall, processor = _time(lambda: client.get(path), PAGES)
    form = fields_of(page) | {f"lines-{LINES - 1}-qty": "12"}
    began = time.perf_counter()
    saved = client.post(path, form)
    seconds = time.perf_counter() - began
    is_saved = saved.status_code == 302 and OrderLine.objects.get(order=order, line=LINES).qty == 12
    section.check(
        f"Admin page of an order of {LINES} lines: queries",
        str(asked),
        f"at most {PAGE_QUERIES}",
        asked <= PAGE_QUERIES,
    )
    section.tell(
        f"the same, opened {PAGES} times",
        f"half within {milliseconds(wall, 0.5)}; processor {milliseconds(processor, 0.5)}",
    )
    section.check(
        f"the same, sent back whole ({len(form)} fields) with one quantity changed",
        f"saved in {seconds:.1f} s" if is_saved else "not saved",
        "it saves",
        is_saved,
    )


def _time(act: Callable[[], object], times: int) -> tuple[list[float], list[float]]:
    """Seconds of wall and of processor that each repetition took."""
    wall, processor = [], []
    for _ in range(times):
        began, used = time.perf_counter(), time.process_time()
        act()
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    return wall, processor


def _instalments_of(order: SalesOrder):  # type: ignore[no-untyped-def]
    return Instalment.objects.filter(order_line__order=order)
