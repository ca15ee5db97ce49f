"""A delivery schedule in one sentence."""

import datetime as dt
from decimal import Decimal

import pytest

from orders.errors import InvalidSchedule
from orders.services import expand_schedule

ORDERED = dt.date(2011, 3, 1)


def expand(text, qty):
    rows = expand_schedule(text=text, qty=Decimal(qty), order_date=ORDERED)
    return [(row.due.isoformat(), row.qty) for row in rows]


@pytest.mark.parametrize(
    ("text", "qty", "expected"),
    [
        ("20 a month from July 2011", 50, [("2011-07-31", 20), ("2011-08-31", 20), ("2011-09-30", 10)]),
        ("20 a month from July", 40, [("2011-07-31", 20), ("2011-08-31", 20)]),
        # February is over when it is ordered in March: the next one.
        ("20 a month from february", 20, [("2012-02-29", 20)]),
        (
            "  10 PER Month  from 2011-01-31 ",
            30,
            [("2011-01-31", 10), ("2011-02-28", 10), ("2011-03-31", 10)],
        ),
        ("5 a week from 2011-07-04", 12, [("2011-07-04", 5), ("2011-07-11", 5), ("2011-07-18", 2)]),
        ("1 each quarter from 2011-12", 2, [("2011-12-31", 1), ("2012-03-31", 1)]),
        ("2.5 a month from Nov 2011", 5, [("2011-11-30", Decimal("2.5")), ("2011-12-31", Decimal("2.5"))]),
        ("all on 2011-07-31", 7, [("2011-07-31", 7)]),
        ("10 on 2011-09-30, 6 on 2011-08-31", 16, [("2011-08-31", 6), ("2011-09-30", 10)]),
        ("100 a month from July 2011", 20, [("2011-07-31", 20)]),
    ],
)
def test_a_sentence_becomes_instalments_that_add_up(text, qty, expected):
    assert expand(text, qty) == expected


@pytest.mark.parametrize(
    ("text", "qty", "reason"),
    [
        ("", 10, "cannot be read"),
        ("some time soon", 10, "cannot be read"),
        ("20 a month", 40, "cannot be read"),
        ("20 a month from Julember", 40, "not a day or a month"),
        ("20 a month from 2011-13", 40, "not a day or a month"),
        ("20 a month from 2011-02-30", 40, "not a day or a month"),
        ("0 a month from July 2011", 40, "never delivers"),
        ("-5 a month from July 2011", 40, "cannot be read"),
        ("1 a week from 2011-07-04", 5000, "more than 1000 instalments"),
        ("6 on 2011-08-31, 10 on 2011-09-30", 20, "add up to 16"),
        ("0 on 2011-08-31, 10 on 2011-09-30", 10, "above 0"),
        ("20 a month from July 2011", 0, "above 0"),
        ("٢٠ a month from July 2011", 40, "cannot be read"),
        ("20 a quarter from 9999-12-31", 40, "after 2099"),
        ("20 a week from 9999-12-31", 40, "after 2099"),
        ("1 a month from 2099-11-30", 3, "after 2099"),
    ],
)
def test_a_sentence_that_cannot_be_read_is_refused_in_words(text, qty, reason):
    with pytest.raises(InvalidSchedule, match=reason):
        expand(text, qty)
