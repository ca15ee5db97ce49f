"""The whole story over HTTP: an order is entered, confirmed, planned, published, and its date is read."""

import json

import pytest
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from planning import tasks
from planning.engine.plan import read_plan
from planning.engine.verify import violations
from planning.selectors.runs import frozen_factory
from planning.services.building import execute_plan
from planning.services.exchange import import_factory
from tests.engine.builders import FACTORY
from tests.rest import make_user

pytestmark = pytest.mark.django_db(transaction=True)


class Person:
    """Somebody with a token, who speaks to the API as any program would."""

    def __init__(self, role):
        _, token = AuthToken.objects.create(make_user(role))
        self.client = APIClient(headers={"Authorization": f"Bearer {token}"})

    def get(self, path):
        response = self.client.get(path)
        assert response.status_code == 200, response.content
        return response.json()

    def post(self, path, body=None, status=200):
        response = self.client.post(path, body, format="json")
        assert response.status_code == status, response.content
        return response


@pytest.fixture
def factory():
    """The tiny factory, to which nobody has sold anything yet."""
    import_factory(document=json.dumps(FACTORY | {"sales_orders": []}), now=timezone.now())


@pytest.fixture
def worker(monkeypatch):
    """A worker that builds what it is woken for as soon as it is asked to."""
    waiting = []
    monkeypatch.setattr(
        tasks.execute_plan_task, "apply_async", lambda **message: waiting.append(message["kwargs"])
    )
    return lambda: [execute_plan(**waiting.pop(0)) for _ in list(waiting)]


def tell(person, path):
    return person.get(f"/api/v1{path}")


def test_from_an_order_to_the_date_its_customer_is_given(factory, worker):
    sales, planner, reader, hr = (Person(role) for role in ("sales", "planner", "reader", "hr"))

    # sales enter a quote for four drives, in two instalments; nobody plans a quote
    order = {
        "ref": "SO-1",
        "customer": "C1",
        "customer_reference": "4500017",
        "order_date": "2024-01-09",
        "status": "quote",
        "lines": [
            {
                "line": 1,
                "item": "DRIVE",
                "qty": 4,
                "instalments": [{"due": "2024-02-02", "qty": 2}, {"due": "2024-02-09", "qty": 2}],
            }
        ],
    }
    created = sales.post("/api/v1/orders/", order, status=201)
    assert sales.get(created["Location"])["status"] == "quote"
    # the customer says yes
    sales.post("/api/v1/orders/SO-1/confirm/")
    assert tell(reader, "/orders/SO-1/delivery-dates/")["state"] == "not_planned"

    # the planner asks for a plan, and watches it until it is there
    requested = planner.post("/api/v1/plans/", {}, status=202)
    address = requested["Location"]
    assert planner.get(address)["status"] == "queued"
    assert worker() == [True]
    plan = planner.get(address)
    assert (plan["status"], plan["percent"], plan["violations"]) == ("ready", 100, [])
    assert (plan["summary"]["instalments"], plan["summary"]["late_instalments"]) == (2, 0)
    # a plan promises nothing until it is published
    assert tell(reader, "/orders/SO-1/delivery-dates/")["state"] == "not_planned"

    # what would move: two dates, both new
    preview = planner.get(f"{address}publish-preview/")
    assert (preview["counts"]["new"], preview["counts"]["later"]) == (2, 0)
    planner.post(f"{address}publish/")

    # the customer gets dates, on time, from that plan
    dates = tell(reader, "/orders/SO-1/delivery-dates/")
    assert (dates["state"], dates["plan_version"], dates["not_planned"]) == ("promised", plan["version"], [])
    assert [row["requested"] for row in dates["promises"]] == ["2024-02-02", "2024-02-09"]
    assert [row["days_late"] for row in dates["promises"]] == [0, 0]
    assert tell(reader, "/plans/current/")["version"] == plan["version"]
    assert tell(reader, "/orders/?late=true")["count"] == 0

    # and the planner can check it with a program of their own
    document = planner.client.get(f"{address}export/").content
    assert violations(frozen_factory(plan["version"]), read_plan(document)) == []
    # hr reads whom to hire and what it costs, the reader only whom
    assert all(row["cost"] >= 0 for row in hr.get(f"{address}staffing/")["results"])
    assert {row["cost"] for row in reader.get(f"{address}staffing/")["results"]} == {None}
