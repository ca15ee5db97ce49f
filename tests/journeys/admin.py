"""The admin as somebody with a role uses it: pages are opened, forms filled in and sent."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from html.parser import HTMLParser

from django.contrib.auth.models import User
from django.test import Client

from planning.engine.factory_codec import canonical_json, digest
from planning.engine.plan import COST_PARTS
from planning.loading import load_factory
from planning.models import (
    HiringCard,
    HiringCards,
    LoadWeek,
    PlanException,
    PlannedOperation,
    PlannedOrder,
    PlanPromise,
    StaffingMonth,
)
from planning.services.exchange import import_factory
from planning.services.roles import create_role_user
from tests.builders import NOW, as_json, factory_document, make_run

STAGE = {"status": "heuristic", "objective": 900.0, "bound": None, "gap": None, "seconds": 1, "solver": "own"}
COST = dict.fromkeys(COST_PARTS, 0.0) | {
    "total": 1000.0,
    "material": 300.0,
    "regular_labour": 654.0,
    "machine": 46.0,
}


def sign_in(role: str, *, username: str = "") -> Client:
    """A browser in which somebody of ``role`` is signed in; ``admin`` may do everything."""
    client = Client()
    if role == "admin":
        user = User.objects.create_superuser(username or "admin", password="x")
    else:
        user = create_role_user(role=role, username=username or role, password="x")
    client.force_login(user)
    return client


class _Fields(HTMLParser):
    """What a browser would send: the value of every field of the page's forms."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.select: str | None = None
        self.textarea: str | None = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name")
        if tag == "input" and name and given.get("type") in {"checkbox", "radio"}:
            if "checked" in given:
                self.values[name] = given.get("value", "on")
        elif tag == "input" and name and given.get("type") != "submit":
            self.values[name] = given.get("value") or ""
        elif tag == "select":
            self.select = name
            self.values.setdefault(name, "")
        elif tag == "option" and self.select and "selected" in given:
            self.values[self.select] = given.get("value", "")
        elif tag == "textarea":
            self.textarea = name
            self.values[name] = ""

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        if tag == "textarea":
            self.textarea = None

    def handle_data(self, data):
        if self.textarea:
            self.values[self.textarea] += data.removeprefix("\n")


def fields_of(response) -> dict[str, str]:
    """The fields of a page's form, with the values that stand in them."""
    parser = _Fields()
    page = response.content.decode()
    start = page.find("<form", page.find('id="content"'))
    parser.feed(page[start:])
    return {name: value for name, value in parser.values.items() if name and "__prefix__" not in name}


def text_of(response) -> str:
    """What a person reads on a page."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def small_factory():
    """The smallest factory that plans something, stored."""
    import_factory(document=as_json(factory_document()), now=NOW)


def ready_plan(*, days_late=0, **values):
    """A plan as a build leaves it, of the small factory: one instalment, two skills' months, one of all."""
    factory = load_factory()
    frozen = canonical_json(factory)
    certificate = {"material": STAGE, "aggregate": STAGE, "schedule": STAGE, "violations": []}
    run = make_run(
        status="ready",
        factory_json=frozen,
        input_digest=digest(frozen),
        skills=[{"code": row.code, "name": row.name, "kind": row.kind} for row in factory.skills],
        certificate=certificate,
        cost=COST,
        total_cost=1000,
        engine_version="1",
        **values,
    )
    requested = dt.date(2011, 7, 1)
    PlanPromise.objects.create(
        run=run,
        sales_order="SO-1",
        line=1,
        instalment=1,
        item="DRIVE",
        qty=5,
        requested=requested,
        promised=requested + dt.timedelta(days=days_late),
        days_late=days_late,
        reasons=[{"code": "MATERIAL", "entity": "MOTOR", "days": days_late, "text": "motors come late"}]
        if days_late
        else [],
    )
    PlannedOrder.objects.create(
        run=run, order="B1", item="MOTOR", kind="buy", qty=10, release="2011-03-09", due="2011-03-16"
    )
    PlannedOrder.objects.create(
        run=run, order="M1", item="DRIVE", kind="make", qty=5, release="2011-03-16", due="2011-03-17"
    )
    start = dt.datetime(2011, 3, 16, 7, tzinfo=dt.UTC)
    PlannedOperation.objects.create(
        run=run,
        order="M1",
        item="DRIVE",
        seq=10,
        qty=5,
        work_centre="BENCH",
        station=1,
        skill="ASM",
        crew=1,
        start=start,
        end=start + dt.timedelta(hours=5),
        free=start + dt.timedelta(hours=5),
    )
    for month, heads, hires in (("2011-03", 2, 0), ("2011-04", 5, 3)):
        StaffingMonth.objects.create(
            run=run,
            skill="ASM",
            month=month,
            headcount=heads,
            hires=hires,
            requisition_by=dt.date(2011, 3, 1) if hires else None,
            leavers=0,
            layoffs=0,
            temp_heads=0,
            available_hours=100,
            required_hours=5,
            overtime_hours=0,
            cost=327,
        )
    HiringCards.objects.create(run=run, status="done", asked_at=NOW)
    HiringCard.objects.create(
        run=run,
        skill="ASM",
        month="2011-04",
        heads=3,
        requisition_by="2011-03-01",
        decide_by="2011-03-01",
        worth=1_000,
        money=400,
        late_cost=600,
        missing_head_months=0,
        break_even_cost=400,
        never_worth=9_000,
        never_slips=[{"name": "SO-1/1/1", "days": 30, "is_served": True}],
    )
    LoadWeek.objects.create(
        run=run, work_centre="BENCH", week="2011-03-14", available_hours=40, required_hours=5
    )
    PlanException.objects.create(
        run=run,
        code="EXPEDITE",
        severity="warning",
        entity="MOTOR",
        text="Motors are short.",
        suggestion="Ask for them earlier.",
    )
    return run
