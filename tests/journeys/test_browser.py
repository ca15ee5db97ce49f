"""The admin in a real browser: no script fails, the page of a build moves by itself, charts are drawn."""

import datetime as dt
import itertools
import os
import shutil
from decimal import Decimal

import pytest
from playwright.sync_api import expect, sync_playwright

from inventory.models import Item, PurchaseOrderLine
from inventory.services import open_count, receive_stock, start_count
from orders.models import SalesOrder
from planning.models import LoadWeek, Pegging, PlannedOrder, PlanRun, StaffingMonth
from planning.services.publishing import publish_plan
from planning.services.roles import create_role_user
from tests.builders import (
    NOW,
    make_customer,
    make_item,
    make_run,
    make_settings,
    make_source,
    make_supplier,
)
from tests.journeys.admin import ready_plan, small_factory
from tests.planning.test_material import motors
from tests.planning.test_pegging import plan
from tests.planning.test_requirements import drive_factory, order, week

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.serial,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def sign_in(live_server, monkeypatch):
    """A page of a browser in which somebody of a role is signed in; nothing may fail in its console."""
    # the driver runs an event loop in this thread, beside the database that the test itself uses
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    troubles = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)

        def enter(role):
            create_role_user(role=role, username=role, password="a-password-1")
            page = browser.new_context(base_url=live_server.url).new_page()
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.goto("/admin/login/")
            page.fill("#id_username", role)
            page.fill("#id_password", "a-password-1")
            page.click("button[type=submit]")
            page.wait_for_url("**/admin/")
            return page

        yield enter
        browser.close()
    assert troubles == []


def test_sales_enter_an_order_by_autocomplete(sign_in):
    make_customer("ACME")
    make_item("EDS-100", price=53000)
    page = sign_in("sales")
    page.goto("/admin/orders/salesorder/add/")
    page.fill("#id_ref", "SO-300")

    # when customer and item are looked up by a few letters
    page.click("#id_customer + .select2")
    page.keyboard.type("AC")
    page.click(".select2-results__option:has-text('ACME')")
    page.click("#id_lines-0-item + .select2")
    page.keyboard.type("EDS")
    page.click(".select2-results__option:has-text('EDS-100')")
    page.fill("#id_lines-0-qty", "300")
    page.fill("#id_lines-0-schedule", "20 a month from July 2011")
    page.click("button[name=_save]")

    # then the order stands on its page with its price, ready to be confirmed
    expect(page.locator("#id_lines-0-unit_price")).to_have_value("53000")
    page.click("a:has-text('Confirm')")
    page.click("button:has-text('Confirm')")
    expect(page.get_by_text("Order SO-300 was confirmed.")).to_be_visible()
    assert SalesOrder.objects.get().lines.get().instalments.count() == 15


def test_a_build_is_followed_without_reloading(sign_in):
    small_factory()
    run = make_run(status="running", stage="material", percent=5)
    page = sign_in("planner")
    page.goto(f"/admin/planning/planrun/{run.pk}/change/")
    expect(page.locator("[data-field=stage]")).to_have_text("material")

    # when the worker goes on
    PlanRun.objects.update(stage="schedule", percent=60, incumbent_cost=1234)
    expect(page.locator("[data-field=stage]")).to_have_text("schedule")
    expect(page.locator("[data-field=cost]")).to_have_text("1,234")

    # then its best plans are drawn as steps, with their lateness in words
    chart = page.locator("#course-chart")
    expect(chart).to_be_hidden()
    steps = [
        {"seconds": 1.0, "incumbent_cost": 2000.0, "late_days": 9, "least_late_days": 2},
        {"seconds": 4.0, "incumbent_cost": 1234.0, "late_days": 3, "least_late_days": 2},
    ]
    PlanRun.objects.update(course=steps)
    expect(chart.locator("canvas")).to_be_visible()
    assert chart.bounding_box()["width"] > 300
    expect(page.get_by_text("no plan can be less than 2 days late")).to_be_visible()

    # when the planner has it finish, the page says so and does not offer it again
    page.click("button:has-text('Finish with the best so far')")
    expect(page.get_by_text("Asked to finish by planner")).to_be_visible()
    expect(page.get_by_role("button", name="Finish with the best so far")).to_be_hidden()

    # and when the planner cancels, the page says so
    page.click("button:has-text('Cancel build')")
    expect(page.get_by_text("was cancelled").first).to_be_visible()


def test_the_hiring_plan_is_drawn(sign_in):
    small_factory()
    run = ready_plan()
    Pegging.objects.create(run=run, order="M1", item="DRIVE", qty=5, sales_order="SO-1", line=1, instalment=1)
    page = sign_in("hr")

    page.goto(f"/admin/planning/planrun/{run.pk}/people/")

    heads = "echarts.getInstanceByDom(document.getElementById('staffing-heads')).getOption().series"
    expect(page.locator("#staffing-heads canvas")).to_be_visible()
    assert page.locator("#staffing-heads canvas").bounding_box()["width"] > 300
    drawn = dict(page.evaluate(f"{heads}.map((one) => [one.name, one.data])"))
    assert (drawn["paid"], drawn["hires"]) == ([2, 5], [0, 3])
    expect(page.locator("#staffing-cost canvas")).to_be_visible()

    # another skill is chosen, and a cell opened
    page.select_option("#staffing-scope", "skill:ASM")
    assert dict(page.evaluate(f"{heads}.map((one) => [one.name, one.data])"))["paid"] == [2, 5]
    page.click(".dl-people td a:has-text('2.0')")
    expect(page.get_by_text("ASM in 2011-03")).to_be_visible()
    expect(page.get_by_role("cell", name="SO-1 / 1 / 1")).to_be_visible()


# The contrast of the words of each element with what is painted behind them (WCAG 2.2, 1.4.3), and the words.
CONTRASTS = """(all) => {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colours) => {
    for (const colour of colours) { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); }
    const [red, green, blue] = [...paint.getImageData(0, 0, 1, 1).data].map(
      (part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  return all.filter((one) => one.innerText.trim()).map((one) => {
    const behind = [];
    for (let at = one; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
    const lights = [light(["white", ...behind]), light(["white", ...behind, getComputedStyle(one).color])];
    return [one.innerText.trim(), (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05)];
  });
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_on_a_tinted_ground_can_be_read(sign_in, theme):
    small_factory()
    run = ready_plan()
    LoadWeek.objects.filter(run=run).update(required_hours=40)
    for days, hours in enumerate(range(4, 40, 6), start=1):
        monday = dt.date(2011, 3, 14) + dt.timedelta(weeks=days)
        LoadWeek.objects.create(
            run=run, work_centre="BENCH", week=monday, available_hours=40, required_hours=hours
        )
    StaffingMonth.objects.filter(run=run, hires__gt=0).update(required_hours=500)
    page = sign_in("planner")
    page.emulate_media(color_scheme=theme)

    for tab, chosen, least in (("load", ".dl-heat td", 7), ("people", ".dl-over b, .dl-legend .dl-over", 2)):
        page.goto(f"/admin/planning/planrun/{run.pk}/{tab}/")
        assert page.evaluate("document.documentElement.classList.contains('dark')") is (theme == "dark")
        found = page.locator(chosen).evaluate_all(CONTRASTS)
        assert len(found) >= least, (tab, found)
        assert [pair for pair in found if pair[1] < 4.5] == [], tab


def test_an_item_is_drawn_over_time(sign_in):
    run = motors()
    page = sign_in("production")

    page.goto(f"/admin/planning/planrun/{run.pk}/item/?code=MOTOR")

    expect(page.locator("#material-chart canvas")).to_be_visible()


def test_a_tree_is_opened_row_by_row(sign_in):
    run = plan()
    page = sign_in("sales")
    page.goto(f"/admin/planning/planrun/{run.pk}/pegging/?order=B1")

    # what is two levels down is shown, what is deeper is closed
    row = page.locator(".dl-tree tr[data-depth='3']")
    expect(page.locator(".dl-tree tr[data-depth='2']").first).to_be_visible()
    expect(row).to_be_hidden()

    page.click(".dl-tree tr[data-depth='2'] button[aria-expanded=false] >> nth=0")
    expect(row).to_be_visible()
    page.click("button:has-text('Close all')")
    expect(page.locator(".dl-tree tr[data-depth='1']").first).to_be_hidden()
    page.click("button:has-text('Open all')")
    expect(row).to_be_visible()

    # and what a delivery needs is drawn
    page.goto(f"/admin/planning/planrun/{run.pk}/pegging/?sales_order=SO-1")
    expect(page.locator("#needs-chart canvas")).to_be_visible()


def test_the_cost_of_an_item_is_drawn(sign_in):
    small_factory()
    drive = Item.objects.get(code="DRIVE")
    page = sign_in("planner")

    page.goto(f"/admin/inventory/item/{drive.pk}/cost/")

    for chart in ("cost-curve", "cost-levels", "cost-dearest"):
        expect(page.locator(f"#{chart} canvas")).to_be_visible()
        assert page.locator(f"#{chart} canvas").bounding_box()["width"] > 300


def test_a_table_is_chosen_tried_and_applied(sign_in, tmp_path):
    small_factory()
    file = tmp_path / "items.csv"
    file.write_text("code,kind,lead_time_days\nMOTOR,buy,9\n")
    page = sign_in("planner")
    page.goto("/admin/inventory/item/")
    page.click("a:has-text('Import or export as a table')")

    page.set_input_files("input[type=file]", str(file))
    page.click("button:has-text('See what it would do')")
    expect(page.get_by_text("1 changed")).to_be_visible()
    assert Item.objects.get(code="MOTOR").lead_time_days == 7

    page.click("button:has-text('Apply')")
    expect(page.get_by_text("items.csv: done")).to_be_visible()
    assert Item.objects.get(code="MOTOR").lead_time_days == 9


def test_a_tick_of_a_group_ticks_its_rows_and_says_what_will_be_ordered(sign_in):
    make_settings()
    make_source(item=make_item("MOTOR", kind="buy"), supplier=make_supplier("ACME"))
    run = make_run(status="published")
    for number in (1, 2):
        PlannedOrder.objects.create(
            run=run,
            order=f"B{number}",
            item="MOTOR",
            kind="buy",
            qty=10,
            release="2011-03-07",
            due="2011-03-14",
            supplier="ACME",
        )
    page = sign_in("planner")
    page.goto("/admin/planning/planrun/purchase-proposals/")

    page.check("input[name=group]")
    expect(page.get_by_text("2 rows ticked: 1 purchase order.")).to_be_visible()
    page.uncheck("input[value=B2]")
    expect(page.locator("input[name=group]")).not_to_be_checked()
    page.click("button:has-text('Create purchase orders')")

    # then only what stayed ticked was ordered
    expect(page.get_by_text("1 purchase order was placed")).to_be_visible()
    assert PurchaseOrderLine.objects.get().planned_order == "B1"


def test_requirements_are_refreshed_and_an_item_is_drawn(sign_in):
    drive_factory()
    order(schedule=[(week(1), 10)])
    page = sign_in("sales")
    page.goto("/admin/planning/planrun/requirements/")
    page.click("button:has-text('Refresh')")
    expect(page.locator("text=4 of 4 items were planned again")).to_be_visible(timeout=60_000)

    page.click("td a:has-text('DRIVE')")

    expect(page.locator("#material-chart canvas")).to_be_visible()
    expect(page.locator("text=Why it is late")).to_be_visible()


@pytest.mark.parametrize("role", ["sales", "planner"])
def test_no_page_is_wider_than_a_phone(sign_in, role):
    small_factory()
    run = ready_plan()
    long_name = "Export crate with desiccant, document kit and two spare fans"
    item = make_item("CRATE", kind="buy", name=long_name)
    make_source(item=item, supplier=make_supplier("V-32", name=long_name))
    receive_stock(item_id=item.pk, qty=Decimal(3), now=NOW)
    count = open_count(item_ids=[item.pk], now=NOW)
    start_count(ref=count.ref, now=NOW)
    publish_plan(version=run.pk, by=None, now=NOW)
    pages = {
        "sales": [f"/admin/orders/salesorder/{SalesOrder.objects.get().pk}/change/"],
        "planner": [
            "/admin/inventory/item/add/",
            f"/admin/inventory/itemsource/{item.sources.get().pk}/change/",
            f"/admin/inventory/cyclecount/{count.pk}/change/",
            f"/admin/planning/planrun/{run.pk}/certificate/",
            "/admin/inventory/item/tables/?kind=firm_orders",
        ],
    }
    page = sign_in(role)

    for width, address in itertools.product((414, 390), pages[role]):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(address)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (address, wide)
    if role == "planner":
        page.goto(f"/admin/inventory/cyclecount/{count.pk}/change/")
        box = page.get_by_label("Counted: CRATE at MAIN").bounding_box()
        assert box["x"] + box["width"] <= 390
