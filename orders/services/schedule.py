"""A delivery schedule in one sentence: "20 a month from July 2011". Pure: no database, no clock."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

from inventory.models.fields import plain
from orders.errors import InvalidSchedule
from orders.services.commands import NewInstalment

MAX_INSTALMENTS = 1000
LAST_YEAR = 2099
HELP = (
    'Write "20 a month from July 2011" (due on the last day of each month), "20 a month from 2011-07-15", '
    '"5 a week from 2011-07-04", "all on 2011-07-31", or "6 on 2011-08-31, 10 on 2011-09-30".'
)

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_NUMBER = r"(?P<qty>[0-9]{1,9}(?:\.[0-9]{1,6})?)"
_RATE = re.compile(
    rf"{_NUMBER} (?:a|per|each|every) (?P<period>week|month|quarter)(?: from| starting)? (?P<start>.+)",
    re.ASCII,
)
_SINGLE = re.compile(rf"(?:{_NUMBER}|all) (?:on|by|in) (?P<start>.+)", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MONTH = re.compile(r"(?P<month>[a-z]+)[ -]?(?P<year>[0-9]{4})?", re.ASCII)
_MONTH_NUMBER = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})", re.ASCII)
# One year past the last: far enough to be refused, near enough to be a date.
_LAST_MONTH = 12 * (LAST_YEAR + 2) - 1
_MONTHS_OF = {"month": 1, "quarter": 3}


def expand_schedule(*, text: str, qty: Decimal, order_date: dt.date) -> tuple[NewInstalment, ...]:
    """Turn a sentence into instalments that add up to ``qty``; the last one takes what remains.

    A month without a day means its last day, a month without a year the next one not before
    ``order_date``. Raises ``InvalidSchedule`` with what to write instead.
    """
    sentence = " ".join(text.lower().split())
    if qty <= 0:
        raise InvalidSchedule("The quantity of the line must be above 0 before it can be divided.")
    rule = _RATE.fullmatch(sentence)
    if rule:
        return _repeated(rule, qty, order_date)
    return _listed(sentence, qty, order_date)


def _repeated(rule: re.Match[str], qty: Decimal, order_date: dt.date) -> tuple[NewInstalment, ...]:
    each = Decimal(rule["qty"])
    if each <= 0:
        raise InvalidSchedule(f"{rule['qty']} a {rule['period']} never delivers anything.")
    if qty > each * MAX_INSTALMENTS:
        raise InvalidSchedule(
            f"{plain(qty)} at {plain(each)} a {rule['period']} are more than {MAX_INSTALMENTS} instalments."
        )
    start, is_month_end = _start(rule["start"], order_date)
    instalments = []
    open_qty = qty
    for due in _days(start, rule["period"], is_month_end):
        if due.year > LAST_YEAR:
            raise InvalidSchedule(f"The last instalment would be due after {LAST_YEAR}.")
        part = min(each, open_qty)
        instalments.append(NewInstalment(due=due, qty=part))
        open_qty -= part
        if not open_qty:
            break
    return tuple(instalments)


def _days(start: dt.date, period: str, is_month_end: bool) -> Iterator[dt.date]:
    if period == "week":
        for week in range(MAX_INSTALMENTS + 1):
            yield min(start, dt.date(LAST_YEAR + 1, 1, 1)) + dt.timedelta(weeks=week)
        return
    for step in range(MAX_INSTALMENTS + 1):
        months = start.year * 12 + start.month - 1 + step * _MONTHS_OF[period]
        year, month = divmod(min(months, _LAST_MONTH), 12)
        last_day = calendar.monthrange(year, month + 1)[1]
        yield dt.date(year, month + 1, last_day if is_month_end else min(start.day, last_day))


def _listed(sentence: str, qty: Decimal, order_date: dt.date) -> tuple[NewInstalment, ...]:
    instalments = []
    for part in re.split(r"\s*[,;]\s*", sentence):
        found = _SINGLE.fullmatch(part)
        if found is None:
            raise InvalidSchedule(f"{part!r} cannot be read. {HELP}")
        due, _ = _start(found["start"], order_date)
        instalments.append(NewInstalment(due=due, qty=Decimal(found["qty"] or qty)))
    total = sum((row.qty for row in instalments), Decimal(0))
    if any(row.qty <= 0 for row in instalments):
        raise InvalidSchedule("Every instalment needs a quantity above 0.")
    if total != qty:
        raise InvalidSchedule(f"The instalments add up to {plain(total)}; the line is about {plain(qty)}.")
    return tuple(sorted(instalments, key=lambda row: row.due))


def _start(text: str, order_date: dt.date) -> tuple[dt.date, bool]:
    """The first day that is meant, and whether it stands for the end of its month."""
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text), False
        numbered = _MONTH_NUMBER.fullmatch(text)
        if numbered:
            return _month_end(int(numbered["year"]), int(numbered["month"])), True
        named = _MONTH.fullmatch(text)
        if named and named["month"] in _MONTHS:
            month = _MONTHS[named["month"]]
            if named["year"]:
                return _month_end(int(named["year"]), month), True
            return _month_end(order_date.year + (month < order_date.month), month), True
    except ValueError:
        pass
    raise InvalidSchedule(f"{text!r} is not a day or a month. {HELP}")


def _month_end(year: int, month: int) -> dt.date:
    if not 1 <= month <= 12:
        raise ValueError(month)
    return dt.date(year, month, calendar.monthrange(year, month)[1])
