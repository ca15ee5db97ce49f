"""The smallest valid rows and documents. A test sets only what it is about."""

import copy
import datetime as dt
import itertools
import json
from decimal import Decimal

from django.utils import timezone

from inventory.models import (
    BillOfMaterials,
    BomLine,
    Item,
    ItemSource,
    PurchaseOrder,
    Supplier,
    UnitOfMeasure,
)
from orders.models import Customer
from orders.services import NewInstalment, NewLine, NewOrder, enter_order
from planning.models import FactorySettings, Operation, PlanRun, Skill, WorkCalendar, WorkCentre

NOW = dt.datetime(2011, 3, 1, 9, tzinfo=dt.UTC)
TODAY = dt.date(2011, 3, 1)

_numbers = itertools.count(1)


def make_uom(code="pcs"):
    return UnitOfMeasure.objects.get_or_create(code=code)[0]


def make_item(code=None, *, kind="make", **values):
    return Item.objects.create(code=code or f"ITEM-{next(_numbers)}", kind=kind, uom=make_uom(), **values)


def make_supplier(code=None, **values):
    return Supplier.objects.create(code=code or f"SUP-{next(_numbers)}", **values)


def make_source(*, item=None, supplier=None, lead_time_days=7, **values):
    return ItemSource.objects.create(
        item=item or make_item(kind="buy"),
        supplier=supplier or make_supplier(),
        lead_time_days=lead_time_days,
        **values,
    )


def make_purchase_order(ref=None, *, supplier=None):
    return PurchaseOrder.objects.create(
        ref=ref or f"PO-{next(_numbers)}", supplier=supplier or make_supplier()
    )


def make_bom(parent=None, *, revision="1", **values):
    return BillOfMaterials.objects.create(item=parent or make_item(), revision=revision, **values)


def make_bom_line(*, parent=None, component=None, qty=1, **values):
    parent = parent or make_item()
    bom = BillOfMaterials.objects.filter(item=parent).first() or make_bom(parent)
    return BomLine.objects.create(bom=bom, component=component or make_item(kind="buy"), qty=qty, **values)


def make_calendar(code=None):
    return WorkCalendar.objects.create(code=code or f"CAL-{next(_numbers)}")


def make_skill(code=None, **values):
    return Skill.objects.create(code=code or f"SKILL-{next(_numbers)}", **values)


def make_work_centre(code=None, *, calendar=None, **values):
    return WorkCentre.objects.create(
        code=code or f"WC-{next(_numbers)}", calendar=calendar or make_calendar(), **values
    )


def make_operation(*, item=None, work_centre=None, seq=10, **values):
    return Operation.objects.create(
        item=item or make_item(), work_centre=work_centre or make_work_centre(), seq=seq, **values
    )


def make_settings(**values):
    values = {"name": "Works", "as_of": TODAY, "horizon_end": dt.date(2012, 3, 1)} | values
    return FactorySettings.objects.create(pk=1, **values)


def make_customer(code=None, **values):
    return Customer.objects.create(code=code or f"CUST-{next(_numbers)}", **values)


def new_line(line=1, *, item, qty=10, due=dt.date(2011, 7, 31), **values):
    """A line as it is handed to a service, wanted on one day."""
    return NewLine(line=line, item=item, qty=Decimal(qty), due=due, **values)


def new_schedule(*parts):
    """Instalments from pairs of day and quantity."""
    return tuple(NewInstalment(due=due, qty=Decimal(qty)) for due, qty in parts)


def make_order(ref=None, *, customer=None, lines=None, status="confirmed", now=NOW, **values):
    """An order as sales would enter it: one line of ten units."""
    order = NewOrder(
        ref=ref or f"SO-{next(_numbers)}",
        customer=(customer or make_customer()).code,
        lines=tuple(lines) if lines is not None else (new_line(item=make_item().code),),
        status=status,
        **values,
    )
    return enter_order(order=order, now=now)


def make_run(*, status="queued", **values):
    """A plan run with everything that its status asks for."""
    now = timezone.now()
    asked = {"requested_at": now}
    if status == "running":
        asked |= {"attempt": 1, "lease_until": now + dt.timedelta(minutes=1), "started_at": now}
    if status in {"ready", "published", "archived"}:
        asked |= {
            "attempt": 1,
            "started_at": now,
            "finished_at": now,
            "built_at": now,
            "certificate": {},
            "cost": {"total": 0},
            "total_cost": 0,
            "factory_json": "{}",
            "input_digest": "0" * 64,
        }
    if status in {"published", "archived"}:
        asked["published_at"] = now
    if status == "failed":
        asked |= {"finished_at": now, "failure_code": "solver_failed", "failure_reason": "no answer"}
    if status == "cancelled":
        asked["finished_at"] = now
    return PlanRun.objects.create(status=status, **asked | values)


def factory_document(**sections):
    """The smallest factory-1 document that plans something, with ``sections`` in place of its own."""
    return copy.deepcopy(_SMALL_FACTORY) | sections


def as_json(document):
    return json.dumps(document)


_SMALL_FACTORY = {
    "format": "factory-1",
    "name": "Works",
    "as_of": "2011-03-01",
    "horizon_end": "2011-12-01",
    "calendars": [{"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "07:00", "end": "15:00"}]}],
    "skills": [{"code": "ASM", "headcount": 2}],
    "work_centres": [{"code": "BENCH", "calendar": "DAY"}],
    "items": [{"code": "DRIVE", "kind": "make"}, {"code": "MOTOR", "kind": "buy", "lead_time_days": 7}],
    "bom": [{"parent": "DRIVE", "component": "MOTOR", "qty": 2}],
    "routings": {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 1}]},
    "customers": [{"code": "ACME"}],
    "sales_orders": [
        {
            "ref": "SO-1",
            "customer": "ACME",
            "lines": [{"line": 1, "item": "DRIVE", "qty": 5, "due": "2011-07-01"}],
        }
    ],
}
