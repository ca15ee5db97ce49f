"""Scalars of the formats: what is a number, a day, a clock time, a code."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.engine.numbers import clock_of, code_of, day_of, decimal_of, plain_values, text_of, whole_of


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), Decimal("NaN"), Decimal("sNaN")]
)
def test_only_finite_numbers_are_numbers(value):
    with pytest.raises(ValueError, match="finite"):
        decimal_of(value)


@pytest.mark.parametrize("value", ["1", b"1", None, True, False, [1], {}, 1j])
def test_nothing_else_is_taken_for_a_number(value):
    with pytest.raises(ValueError, match="expected a number"):
        decimal_of(value)


def test_floats_are_read_as_they_are_written():
    assert decimal_of(0.1) == Decimal("0.1")


@pytest.mark.parametrize("value", [3, 3.0, Decimal("3.000")])
def test_three_is_whole_however_it_is_written(value):
    assert whole_of(value) == 3
    assert type(whole_of(value)) is int


@pytest.mark.parametrize("value", [3.5, Decimal("0.1"), 10**16, Decimal("1e400")])
def test_a_fraction_or_a_giant_is_not_whole(value):
    with pytest.raises(ValueError, match="whole number"):
        whole_of(value)


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_of_the_range_is_read(day):
    assert day_of(day.isoformat()) == day_of(day) == day


@pytest.mark.parametrize(
    "value", [datetime(2024, 1, 1, tzinfo=UTC), "2024-01-01 ", "20240101", "2023-02-29", date(2100, 1, 1)]
)
def test_other_things_are_not_days(value):
    with pytest.raises(ValueError, match="expected a day"):
        day_of(value)


@given(st.times())
def test_every_minute_of_the_day_is_a_clock_time(time):
    text = f"{time:%H:%M}"
    assert clock_of(text) == text


@pytest.mark.parametrize("value", ["24:00", "7:00", "07:60", "07:00:00", "", 700, "٠٧:٠٠"])
def test_other_things_are_not_clock_times(value):
    with pytest.raises(ValueError, match="HH:MM"):
        clock_of(value)


def test_text_may_have_lines_and_any_script_but_no_control_characters():
    assert text_of("Größe\n日本\t№") == "Größe\n日本\t№"
    for bad in "\x00\x1b\x7f\u202e\u2066\udfff":
        with pytest.raises(ValueError, match="is not allowed"):
            text_of(f"a{bad}")


@pytest.mark.parametrize("value", [" A", "A ", "A\tB", "A\n", "\u00a0A"])
def test_codes_have_no_blanks_around_them(value):
    with pytest.raises(ValueError, match="expected a code"):
        code_of(value)


def test_values_for_json_are_numbers_and_text():
    row = {"qty": Decimal("2.50"), "n": Decimal("2.00"), "day": date(2024, 1, 2), "rows": (True, None, "a")}
    assert plain_values(row) == {"qty": 2.5, "n": 2, "day": "2024-01-02", "rows": [True, None, "a"]}
