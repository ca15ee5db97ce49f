"""Reading factory-1: refusals with their place, one canonical text for equal factories."""

import json
import random
from copy import deepcopy

import pytest

from planning.engine.errors import InvalidFactory
from planning.engine.factory_codec import (
    canonical_json,
    digest,
    dump_factory,
    factory_from_json,
    parse_json,
    read_factory,
    resolve,
)
from tests.engine.builders import factory_document
from tests.engine.plants import PLANT, sold


def refusals(document):
    """The paths and messages with which ``document`` is refused."""
    text = document if isinstance(document, str | bytes) else json.dumps(document)
    with pytest.raises(InvalidFactory) as refused:
        read_factory(text)
    return {issue.path: issue.message for issue in refused.value.issues}


def changed(path, value):
    """The tiny factory with ``value`` at a JSON pointer."""
    document = factory_document()
    place = document
    *parents, last = path.strip("/").split("/")
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return document


QTY = "/sales_orders/0/lines/0/qty"
DUE = "/sales_orders/0/lines/0/instalments/0/due"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (QTY, -1, "expected more than 0, got -1"),
        (QTY, 0, "expected more than 0"),
        (QTY, 1e18, "expected at most 1000000000"),
        (QTY, 0.0000001, "6 decimal places"),
        (QTY, "4", "expected a number, got '4'"),
        (QTY, True, "expected a number, got True"),
        (QTY, None, "expected a number, got None"),
        (QTY, [4], "expected a number"),
        (DUE, "1900-01-01", "from 1970-01-01 to before 2100-01-01"),
        (DUE, "2999-01-01", "from 1970-01-01 to before 2100-01-01"),
        (DUE, "2024-02-30", "a day of the calendar"),
        (DUE, "2024-2-3", "YYYY-MM-DD"),
        (DUE, "2024-02-03T00:00:00", "YYYY-MM-DD"),
        (DUE, "２０２４-02-03", "YYYY-MM-DD"),
        (DUE, 20240203, "YYYY-MM-DD"),
        ("/calendars/0/shifts/0/start", "24:00", "00:00 to 23:59"),
        ("/calendars/0/shifts/0/start", "7:00", "HH:MM"),
        ("/calendars/0/shifts/0/days", [7], "expected 0, 1, 2, 3, 4, 5 or 6, got 7"),
        ("/skills/0/headcount", 1.5, "whole number"),
        ("/skills/0/headcount", 100_001, "expected at most 100000"),
        ("/skills/0/hours_per_day", 0, "expected more than 0"),
        ("/skills/0/hours_per_day", 25, "expected at most 24"),
        ("/skills/0/kind", "robot", "'direct'"),
        ("/skills/0/attrition_per_month", 1, "expected less than 1"),
        ("/skills/0/labour_efficiency", 0, "expected more than 0"),
        ("/skills/0/overtime_max_share", 1.01, "expected at most 1"),
        ("/skills/0/learning_rate", 0, "expected more than 0"),
        ("/items/0/code", "", "at least 1 character"),
        ("/items/0/code", " PART", "without blanks"),
        ("/items/0/code", "PA\nRT", "one line"),
        ("/items/0/code", "X" * 65, "at most 64 characters"),
        ("/items/0/name", "\x00", "U+0000"),
        ("/items/0/name", "\ud800", "U+D800"),
        ("/items/0/name", "\u202e", "U+202E"),
        ("/items/0/name", 5, "expected text"),
        ("/items/0/colour", "red", "unknown key"),
        ("/bom/0/scrap", 1, "expected less than 1"),
        ("/bom/0/qty", 0, "expected more than 0"),
        ("/routings/FRAME/0/crew", 0, "expected more than 0"),
        ("/routings/FRAME/0/crew", 1e300, "at most 15 digits"),
        ("/routings/FRAME/0/overlap", "maybe", "boolean"),
        ("/sources/0/lead_time_days", -1, "expected at least 0, got -1"),
        ("/format", "factory-2", "'factory-1'"),
        ("/stock", {"item": "PART"}, "tuple"),
    ],
)
def test_a_value_out_of_its_range_is_refused_at_its_place(path, value, words):
    issues = refusals(changed(path, value))
    place = f"{path}/0" if path.endswith("/days") else path
    assert words in issues[place]
    assert list(issues) == [place]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("/horizon_end", "2024-01-10", "a day after as_of 2024-01-10"),
        ("/horizon_end", "2099-01-10", "at most 3660 days"),
        ("/time_zone", "Mars/Olympus", "a time zone such as Europe/Berlin"),
        ("/time_zone", "../../etc/passwd", "a time zone such as Europe/Berlin"),
        ("/sales_orders/0/lines/0/item", "NONE", "unknown item NONE"),
        ("/sales_orders/0/customer", "NONE", "unknown customer NONE"),
        ("/work_centres/0/calendar", "NONE", "unknown calendar NONE"),
        ("/skills/0/calendar", "NONE", "unknown calendar NONE"),
        ("/routings/FRAME/0/work_centre", "NONE", "unknown work centre NONE"),
        ("/routings/FRAME/0/skill", "NONE", "unknown skill NONE"),
        ("/bom/0/component", "NONE", "unknown item NONE"),
        ("/bom/0/operation", 99, "FRAME has no operation 99 (it has 10)"),
        ("/bom/0/parent", "PART", "expected a made or phantom item, PART is bought"),
        ("/sources/0/supplier", "NONE", "unknown supplier NONE"),
        ("/stock/0/item", "NONE", "unknown item NONE"),
        ("/staffing/ratios/0/skill", "NONE", "unknown skill NONE"),
        ("/staffing/ramps/0/skill", "NONE", "unknown skill NONE"),
        ("/items/0/lead_time_calendar", "NONE", "unknown calendar NONE"),
        ("/purchase_orders/0/received_qty", 6, "at most qty 5, got 6"),
        ("/sources/0/to", "2024-01-01", None),
        ("/sales_orders/0/lines/0/due", "2024-02-02", "either due or instalments"),
        ("/sales_orders/0/lines/0/shipped_qty", 3, "instalments say 0 shipped"),
        ("/sales_orders/0/lines/0/instalments/0/shipped_qty", 3, "at most qty 2, got 3"),
        ("/routings/FRAME/0/external_days", 3, "either a work_centre or external_days"),
        ("/routings/PART", [{"seq": 1, "work_centre": "SAW"}], "expected a made item"),
    ],
)
def test_rows_that_disagree_are_refused_at_their_place(path, value, words):
    document = changed(path, value)
    if path == "/sources/0/to":
        document["sources"][0]["from"] = "2024-01-05"
        words = "a day after from 2024-01-05"
    assert words in refusals(document)[path]


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("items", "/items/3"),
        ("skills", "/skills/4"),
        ("calendars", "/calendars/2"),
        ("work_centres", "/work_centres/3"),
        ("customers", "/customers/1"),
        ("suppliers", "/suppliers/1"),
        ("sales_orders", "/sales_orders/1"),
        ("bom", "/bom/3"),
        ("sources", "/sources/1"),
        ("stock", "/stock/1"),
        ("purchase_orders", "/purchase_orders/1"),
    ],
)
def test_a_row_that_stands_twice_is_refused(section, path):
    document = factory_document()
    document[section].append(deepcopy(document[section][0]))
    issues = refusals(document)
    assert [place for place in issues if place.startswith(path)] == list(issues)
    assert len(issues) == 1


def test_one_customers_order_number_is_used_once():
    orders = [sold("DRIVE", ("2024-02-01", 1), ref=ref) | {"customer_reference": "PO 7"} for ref in "AB"]
    issues = refusals(PLANT | {"sales_orders": orders})
    assert list(issues) == ["/sales_orders/1"]


def test_a_cycle_of_the_bill_of_materials_is_named_with_its_path():
    document = factory_document()
    document["bom"].append({"parent": "FRAME", "component": "DRIVE", "qty": 1})
    issues = refusals(document)
    assert "FRAME → DRIVE → FRAME" in next(iter(issues.values()))


def test_a_cycle_of_ten_thousand_levels_is_found():
    items = [{"code": f"I{n}", "kind": "make"} for n in range(10_000)]
    bom = [{"parent": f"I{n}", "component": f"I{(n + 1) % 10_000}", "qty": 1} for n in range(10_000)]
    issues = refusals(PLANT | {"items": items, "bom": bom, "routings": {}})
    assert "must not contain itself" in issues["/bom/0"]


def test_every_error_is_told_at_once():
    document = factory_document()
    document["items"][0]["unit_cost"] = -1
    document["bom"][1]["qty"] = "1"
    del document["sales_orders"][0]["customer"]
    document["plan"] = {}
    assert set(refusals(document)) == {
        "/items/0/unit_cost",
        "/bom/1/qty",
        "/sales_orders/0/customer",
        "/plan",
    }


def test_rows_that_disagree_are_told_at_once():
    document = factory_document(horizon_end="2024-01-01", time_zone="Nowhere")
    document["stock"][0]["item"] = "NONE"
    assert set(refusals(document)) == {"/horizon_end", "/time_zone", "/stock/0/item"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", 'expected an object with "format": "factory-1"'),
        ("null", "expected an object"),
        ('{"as_of": NaN}', "NaN is not a JSON number"),
        ('{"as_of": Infinity}', "Infinity is not a JSON number"),
        ('{"as_of": 1e999}', "out of range"),
        ('{"name": "a", "name": "b"}', "stands twice"),
        ("[" * 21 + "]" * 21, "nested deeper than 20 levels"),
        ("[" * 1_000_000, "nested deeper than 20 levels"),
        (b"\xff\xfe{}", "not UTF-8"),
        ('{"name": ' + "9" * 5_000 + "}", "not JSON"),
    ],
)
def test_what_is_not_strict_json_is_refused(text, words):
    issues = refusals(text)
    assert words in issues[""]


def test_a_document_may_begin_with_a_byte_order_mark():
    assert read_factory(b"\xef\xbb\xbf" + json.dumps(PLANT).encode()).name == "Plant"


def test_brackets_in_text_are_not_depth():
    assert parse_json(json.dumps({"a": "[" * 50 + '\\"{'})) == {"a": "[" * 50 + '\\"{'}


def test_free_text_about_the_factory_is_kept():
    about = {"sources": ["a", {"b": 1.5}], "odd": None}
    factory = factory_from_json(PLANT | {"about": about})
    assert json.loads(dump_factory(factory))["about"] == about


def _shuffled(value, source):
    if isinstance(value, dict):
        keys = list(value)
        source.shuffle(keys)
        return {key: _shuffled(value[key], source) for key in keys}
    if isinstance(value, list):
        rows = [_shuffled(each, source) for each in value]
        source.shuffle(rows)
        # the first calendar is the default of skills: this one order has a meaning
        return sorted(
            rows, key=lambda row: row["code"] == "ALWAYS" if isinstance(row, dict) and "shifts" in row else 0
        )
    return value


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_does_not_matter(seed):
    document = factory_document()
    other = _shuffled(document, random.Random(seed))
    assert canonical_json(factory_from_json(other)) == canonical_json(factory_from_json(document))


def test_defaults_that_are_spelled_out_do_not_matter():
    document = factory_document()
    spelled = deepcopy(document)
    spelled |= {"currency": "USD", "time_zone": "UTC", "about": {}, "work_orders": [], "setup_times": []}
    spelled["stock"].append({"item": "DRIVE", "qty": 0})
    spelled["skills"][0] |= {
        "calendar": "DAY",
        "hire_lead_days": 14,
        "temp_wage_per_hour": 20,
        "kind": "direct",
    }
    spelled["sales_orders"][0] |= {"order_date": "2024-01-10", "status": "confirmed"}
    spelled["sales_orders"][0]["lines"][0] |= {"unit_price": 1000.0, "priority": 3, "shipped_qty": 0}
    spelled["bom"][0] |= {"operation": 10, "scrap": 0, "from": None, "substitutes": []}
    spelled["policy"] |= {"late_cost_rate": 0.001, "frozen_days": 0}
    assert canonical_json(factory_from_json(spelled)) == canonical_json(factory_from_json(document))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/stock/0/qty", 10.000001),
        ("/skills/0/wage_per_hour", 20.01),
        ("/sales_orders/0/status", "quote"),
        ("/calendars/0/shifts/0/end", "16:01"),
        ("/bom/0/qty", 2.1),
    ],
)
def test_another_factory_has_another_digest(path, value):
    texts = [canonical_json(factory_from_json(each)) for each in (factory_document(), changed(path, value))]
    assert digest(texts[0]) != digest(texts[1])


def test_the_digest_of_a_factory_stays_the_same_between_releases():
    # stored plans name their problem by it: a change of this value breaks the replay of every stored run
    assert digest(canonical_json(factory_from_json(factory_document()))) == KNOWN_DIGEST


KNOWN_DIGEST = "f2d0497ce83ea289ccac96329e3f462b306ae80daf39dfd634b1fb5c2fcafd78"


def test_resolving_twice_changes_nothing():
    once = resolve(factory_from_json(factory_document()))
    assert resolve(once) == once


def test_a_factory_is_the_same_after_a_round_trip():
    factory = factory_from_json(factory_document())
    assert read_factory(dump_factory(factory)) == factory
    text = canonical_json(factory)
    assert canonical_json(read_factory(text)) == text
    assert resolve(read_factory(text)) == resolve(factory)


def test_a_skills_own_default_is_kept_where_it_would_inherit_another():
    document = factory_document()
    document["staffing"]["trainer_share"] = 0.5
    document["skills"][0]["trainer_share"] = 0
    text = canonical_json(factory_from_json(document))
    shares = [row.trainer_share for row in resolve(read_factory(text)).skills]
    assert shares == [0, *[0.5] * (len(shares) - 1)]


def test_decimals_keep_their_digits_through_a_round_trip():
    text = json.dumps(changed("/stock/0/qty", 0)).replace('"qty": 0}', '"qty": 123456789.123456}')
    factory = read_factory(text)
    assert str(factory.stock[0].qty) == "123456789.123456"
    assert read_factory(canonical_json(factory)).stock[0].qty == factory.stock[0].qty


def test_a_skill_inherits_the_rules_of_the_plant():
    factory = resolve(factory_from_json(factory_document(staffing={"absence_rate": 0.2, "hire_cost": 700})))
    skills = {row.code: row for row in factory.skills}
    assert (float(skills["ASM"].absence_rate), float(skills["ASM"].hire_cost)) == (0.1, 700)
    assert (float(skills["RD"].absence_rate), float(skills["RD"].hire_cost)) == (0.2, 500)
    assert skills["RD"].temp_wage_per_hour == skills["RD"].wage_per_hour


def test_a_source_inherits_from_its_item_and_a_line_from_its_customer():
    document = factory_document()
    document["items"][0] |= {"min_order": 3, "order_multiple": 3, "unit_cost": 7}
    document["sources"] = [{"item": "PART", "supplier": "ACME", "lead_time_days": 1, "min_order": 4}]
    document["customers"][0]["priority"] = 2
    factory = resolve(factory_from_json(document))
    source, line = factory.sources[0], factory.sales_orders[0].lines[0]
    assert (source.min_order, source.order_multiple, source.unit_cost) == (4, 3, 7)
    assert (line.priority, line.unit_price) == (2, 1000)
