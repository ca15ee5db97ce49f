"""Cycle counts: what is found is compared with the books of that moment, and posting undoes nothing."""

import datetime as dt
import io
import random
import zipfile
from decimal import Decimal

import pytest
import tablib
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from openpyxl import load_workbook

from inventory.errors import CountNotOpen, InvalidCount, ItemNotFound, NotYetSure, PlaceCountedAlready
from inventory.models import CycleCount, CycleCountLine, StockMovement
from inventory.selectors import get_balance, get_count, items_to_count
from inventory.services import (
    Counted,
    adjust_stock,
    cancel_count,
    issue_stock,
    open_count,
    post_count,
    receive_stock,
    record_counts,
    start_count,
    upload_counts,
)
from inventory.services.count_sheets import read_sheet
from inventory.services.posting_counts import summarize
from tests.builders import NOW, make_item

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def stocked(code, qty, *, location="MAIN", lot=None, **values):
    item = make_item(code, kind="buy", **values)
    receive_stock(item_id=item.pk, qty=Decimal(qty), location=location, lot=lot, now=NOW - HOUR)
    return item


def counting(*items, **values):
    """A sheet of all places of the items, started."""
    count = open_count(item_ids=[item.pk for item in items], now=NOW, **values)
    return start_count(ref=count.ref, now=NOW)


def found(item, qty, **values):
    return Counted(item=item.code, qty=Decimal(str(qty)), **values)


def balance(item, location="MAIN", lot=None):
    return get_balance(item_id=item.pk, location=location, lot=lot)


def test_a_sheet_lists_every_place_of_its_items_and_freezes_what_is_expected():
    cell = stocked("CELL", 10)
    receive_stock(item_id=cell.pk, qty=Decimal(3), location="A-1", lot="L1", now=NOW - HOUR)
    empty = make_item("BOLT", kind="buy")

    count = counting(cell, empty)
    receive_stock(item_id=cell.pk, qty=Decimal(5), now=NOW + HOUR)

    rows = [
        (row.item.code, row.location, row.lot, row.expected_qty) for row in get_count(count.ref).lines.all()
    ]
    assert rows == [("CELL", "A-1", "L1", 3), ("BOLT", "MAIN", None, 0), ("CELL", "MAIN", None, 10)]


def test_a_posted_difference_becomes_an_adjustment_with_its_value():
    cell = stocked("CELL", 10, unit_cost=4)
    count = counting(cell)
    record_counts(ref=count.ref, counted=[found(cell, 7)], now=NOW + HOUR)

    post_count(ref=count.ref, accept_differences=True, now=NOW + 2 * HOUR)

    movement = StockMovement.objects.latest("pk")
    assert (movement.kind, movement.qty, movement.reference) == ("adjustment", -3, count.ref)
    summary = summarize(get_count(count.ref).lines.all())
    # three cells at 4 each are missing
    assert (summary.gains, summary.losses, summary.net) == (0, -12, -12)
    assert balance(cell) == 7


def test_what_moves_between_opening_and_counting_is_in_both_figures():
    cell = stocked("CELL", 10)
    count = counting(cell)
    issue_stock(item_id=cell.pk, qty=Decimal(4), now=NOW + HOUR)
    record_counts(ref=count.ref, counted=[found(cell, 6)], now=NOW + 2 * HOUR)

    post_count(ref=count.ref, now=NOW + 3 * HOUR)

    # 10 - 4 = 6 were found: nothing to correct
    assert balance(cell) == 6


def test_what_moves_between_counting_and_posting_is_not_undone():
    cell = stocked("CELL", 10)
    count = counting(cell)
    record_counts(ref=count.ref, counted=[found(cell, 8)], now=NOW + HOUR)
    issue_stock(item_id=cell.pk, qty=Decimal(5), now=NOW + 2 * HOUR)
    receive_stock(item_id=cell.pk, qty=Decimal(1), now=NOW + 2 * HOUR)

    post_count(ref=count.ref, accept_differences=True, now=NOW + 3 * HOUR)

    # 8 were there, 5 left and 1 came since: 4
    assert balance(cell) == 4


def test_a_count_may_be_written_down_later_than_it_was_made():
    cell = stocked("CELL", 10)
    count = counting(cell)
    issue_stock(item_id=cell.pk, qty=Decimal(5), now=NOW + 2 * HOUR)

    record_counts(ref=count.ref, counted=[found(cell, 9)], counted_at=NOW + HOUR, now=NOW + 3 * HOUR)
    post_count(ref=count.ref, accept_differences=True, now=NOW + 4 * HOUR)

    # 9 of 10 were there before 5 left
    assert balance(cell) == 4


@pytest.mark.parametrize("moment", [NOW - HOUR, NOW + 3 * HOUR])
def test_no_count_is_older_than_its_sheet_or_of_tomorrow(moment):
    cell = stocked("CELL", 10)
    count = counting(cell)

    with pytest.raises(InvalidCount, match="when counting began"):
        record_counts(ref=count.ref, counted=[found(cell, 9)], counted_at=moment, now=NOW + 2 * HOUR)
    assert get_count(count.ref).lines.get().counted_qty is None


def test_a_line_counted_again_is_compared_anew():
    cell = stocked("CELL", 10)
    count = counting(cell)
    record_counts(ref=count.ref, counted=[found(cell, 2)], now=NOW + HOUR)
    issue_stock(item_id=cell.pk, qty=Decimal(4), now=NOW + 2 * HOUR)
    record_counts(ref=count.ref, counted=[found(cell, 6)], now=NOW + 3 * HOUR)

    post_count(ref=count.ref, now=NOW + 4 * HOUR)

    assert balance(cell) == 6


def test_what_lies_where_nothing_was_expected_is_added():
    cell = stocked("CELL", 10)
    count = counting(cell)

    record_counts(ref=count.ref, counted=[found(cell, 10), found(cell, 2, location="B-9")], now=NOW + HOUR)
    post_count(ref=count.ref, accept_differences=True, now=NOW + 2 * HOUR)

    assert balance(cell, "B-9") == 2


def test_large_differences_and_uncounted_lines_have_to_be_said_to_be_right():
    cell, bolt, nut = (stocked(code, 100) for code in ("CELL", "BOLT", "NUT"))
    count = counting(cell, bolt, nut, tolerance=Decimal("0.05"))
    record_counts(ref=count.ref, counted=[found(cell, 94), found(bolt, 95)], now=NOW + HOUR)

    # 6 of 100 is more than 5 %, 5 is not; the nuts are not counted
    with pytest.raises(NotYetSure) as refused:
        post_count(ref=count.ref, now=NOW + HOUR)
    assert [issue.path for issue in refused.value.issues] == ["CELL at MAIN", "NUT at MAIN"]
    with pytest.raises(NotYetSure):
        post_count(ref=count.ref, accept_differences=True, now=NOW + HOUR)
    assert (balance(cell), balance(bolt)) == (100, 100)

    post_count(ref=count.ref, accept_differences=True, leave_uncounted=True, now=NOW + HOUR)
    assert (balance(cell), balance(bolt), balance(nut)) == (94, 95, 100)


def test_a_difference_that_would_leave_less_than_nothing_is_counted_again():
    cell, bolt = stocked("CELL", 10), stocked("BOLT", 10)
    count = counting(cell, bolt)
    record_counts(ref=count.ref, counted=[found(cell, 4), found(bolt, 9)], now=NOW + HOUR)
    # given that somebody takes 7 where only 4 were found
    issue_stock(item_id=cell.pk, qty=Decimal(7), now=NOW + 2 * HOUR)

    with pytest.raises(InvalidCount, match=r"CELL at MAIN.*count it again"):
        post_count(ref=count.ref, accept_differences=True, now=NOW + 3 * HOUR)
    assert (balance(cell), balance(bolt)) == (3, 10)


def test_a_place_that_was_corrected_meanwhile_is_counted_again():
    cell = stocked("CELL", 10)
    count = counting(cell)
    record_counts(ref=count.ref, counted=[found(cell, 8)], now=NOW + HOUR)
    adjust_stock(item_id=cell.pk, counted=Decimal(8), now=NOW + 2 * HOUR)

    with pytest.raises(InvalidCount, match="was corrected"):
        post_count(ref=count.ref, accept_differences=True, now=NOW + 3 * HOUR)
    assert balance(cell) == 8


def test_a_place_is_on_one_open_sheet_at_a_time():
    cell = stocked("CELL", 10)
    first = counting(cell)

    with pytest.raises(PlaceCountedAlready, match=first.ref):
        open_count(item_ids=[cell.pk], now=NOW)
    assert CycleCount.objects.count() == 1

    cancel_count(ref=first.ref, now=NOW)
    assert open_count(item_ids=[cell.pk], now=NOW).ref == "CC-000002"


@pytest.mark.parametrize(
    "act",
    [
        lambda ref, cell: start_count(ref=ref, now=NOW),
        lambda ref, cell: record_counts(ref=ref, counted=[found(cell, 1)], now=NOW + HOUR),
        lambda ref, cell: post_count(ref=ref, accept_differences=True, now=NOW + HOUR),
        lambda ref, cell: cancel_count(ref=ref, now=NOW),
    ],
)
def test_a_posted_sheet_is_closed(act):
    cell = stocked("CELL", 10)
    count = counting(cell)
    record_counts(ref=count.ref, counted=[found(cell, 9)], now=NOW)
    post_count(ref=count.ref, accept_differences=True, now=NOW)

    with pytest.raises(CountNotOpen, match="posted"):
        act(count.ref, cell)
    assert balance(cell) == 9


def test_a_bad_row_takes_the_good_ones_with_it():
    cell, bolt = stocked("CELL", 10), stocked("BOLT", 10)
    count = counting(cell, bolt)

    with pytest.raises(InvalidCount, match="/lines/2: CELL at MAIN is counted twice"):
        record_counts(ref=count.ref, counted=[found(cell, 1), found(bolt, 2), found(cell, 3)], now=NOW)
    with pytest.raises(InvalidCount, match="/lines/0"):
        record_counts(ref=count.ref, counted=[found(cell, -1), found(bolt, 2)], now=NOW)
    with pytest.raises(ItemNotFound, match="GHOST"):
        record_counts(ref=count.ref, counted=[found(bolt, 2), Counted(item="GHOST", qty=Decimal(1))], now=NOW)
    assert not CycleCountLine.objects.filter(counted_qty__isnull=False).exists()


def test_items_that_were_counted_lately_are_left_out():
    cell, bolt = stocked("CELL", 10), stocked("BOLT", 10)
    make_item("NOWHERE", kind="buy")
    count = counting(cell)
    record_counts(ref=count.ref, counted=[found(cell, 10)], now=NOW)
    post_count(ref=count.ref, now=NOW)

    assert items_to_count(now=NOW) == {cell.pk, bolt.pk}
    assert items_to_count(now=NOW, not_counted_days=30) == {bolt.pk}
    assert items_to_count(now=NOW + dt.timedelta(days=31), not_counted_days=30) == {cell.pk, bolt.pk}
    assert items_to_count(now=NOW, codes=["CELL"]) == {cell.pk}


# --- Files -------------------------------------------------------------------------------------------


def sheet(kind, *rows, headers=("item", "location", "lot", "counted_qty")):
    data = tablib.Dataset(*rows, headers=headers)
    exported = data.export(kind)
    return exported.encode() if kind == "csv" else exported


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_sheet_comes_back_as_a_file(kind):
    cell, bolt = stocked("CELL", 10), stocked("BOLT", 10, lot="7")
    count = counting(cell, bolt)

    content = sheet(kind, ("CELL", "MAIN", "", 9.5), ("BOLT", "MAIN", 7, 10), ("CELL", "B-1", "", ""))
    _, lines = upload_counts(ref=count.ref, name=f"sheet.{kind}", content=content, now=NOW)

    assert lines == 2
    rows = {row.item.code: row.counted_qty for row in get_count(count.ref).lines.all()}
    assert rows == {"CELL": Decimal("9.5"), "BOLT": 10}


def test_a_very_small_count_of_a_spreadsheet_is_read_as_the_number_it_is():
    cell = stocked("CELL", 10)
    count = counting(cell)

    upload_counts(ref=count.ref, name="sheet.xlsx", content=sheet("xlsx", ("CELL", "", "", 0.00005)), now=NOW)

    assert get_count(count.ref).lines.get().counted_qty == Decimal("0.00005")


def test_every_bad_row_of_a_file_is_named_by_its_number():
    cell = stocked("CELL", 10)
    count = counting(cell)
    content = sheet(
        "csv", ("CELL", "", "", "9"), ("CELL", "B", "", "many"), ("GHOST", "", "", "1"), ("", "", "", "4")
    )

    with pytest.raises(InvalidCount) as refused:
        upload_counts(ref=count.ref, name="sheet.csv", content=content, now=NOW)

    assert sorted(issue.path for issue in refused.value.issues) == [
        "row 3, counted_qty",
        "row 4",
        "row 5, item",
    ]
    assert get_count(count.ref).lines.get().counted_qty is None


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("sheet.pdf", b"x", "csv or .xlsx"),
        ("sheet.xlsx", b"no zip", "Not a readable xlsx"),
        ("sheet.xlsx", b"", "Not a readable xlsx"),
        ("sheet.xlsx", b"item,counted_qty\nCELL,1", "Not a readable xlsx"),
        ("sheet.csv", b"\xff\xfe", "UTF-16 text; in Excel, save it as"),
        (
            "sheet.csv",
            b"item,lot,counted_qty\nCELL,A,1\nCELL,Gr\xf6\xdfe,1",
            "row 3: .* not UTF-8 text; in Excel",
        ),
        ("sheet.csv", b'item,counted_qty\n"CELL,1', "row 2: .* cannot be read as csv"),
        ("sheet.csv", b"item;counted_qty\nCELL;1,500", "row 2, counted_qty: .* may mean 1.500 or 1500"),
        ("sheet.csv", b"item,qty\nCELL,1", "counted_qty is missing"),
        ("sheet.csv", b"item,counted_qty\nCELL,", "No row is counted"),
        ("sheet.csv", b"item,counted_qty\nCELL,0.0000001", "at most 6 decimals"),
        ("sheet.csv", b"item,counted_qty\nCELL,sNaN", "at most 6 decimals"),
        ("sheet.csv", b"item,counted_qty\nCELL,1_000", "at most 6 decimals"),
        ("sheet.csv", "item,counted_qty\nCELL,\u0663".encode(), "at most 6 decimals"),
        ("sheet.csv", b"item,counted_qty\nCE\x00LL,1", r"row 2, item: The character U\+0000"),
        ("sheet.csv", b"item,location,counted_qty\nCELL,A\x00,1", r"row 2, location: The character U\+0000"),
        ("sheet.csv", b"item,lot,counted_qty\nCELL," + b"L" * 65 + b",1", "row 2, lot: At most 64"),
        ("sheet.csv", b"x" * (5 * 1024 * 1024 + 1), "at most 5 MB"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_words(name, content, what):
    count = counting(stocked("CELL", 10))

    with pytest.raises(InvalidCount, match=what):
        upload_counts(ref=count.ref, name=name, content=content, now=NOW)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_csv_file_of_another_country_is_read(delimiter):
    cell = stocked("CELL", 10)
    count = counting(cell)
    content = "item,lot,counted_qty\nCELL,,9#5\n".replace(",", delimiter).replace("#", ",").encode()

    upload_counts(ref=count.ref, name="sheet.csv", content=content, now=NOW)

    assert get_count(count.ref).lines.get().counted_qty == Decimal("9.5")


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_a_damaged_file_is_refused_in_words_however_it_is_damaged():
    count = counting(stocked("CELL", 10))
    good = sheet("xlsx", *(("CELL", "MAIN", f"L{number}", number + 0.5) for number in range(20)))
    chance = random.Random(7)
    files = [good[: len(good) * part // 20] for part in range(1, 20)]
    for _ in range(60):
        damaged = bytearray(good)
        for _ in range(chance.choice([1, 3, 20])):
            damaged[chance.randrange(len(good))] = chance.randrange(256)
        files.append(bytes(damaged))
    files += [chance.randbytes(500), b"PK\x03\x04" + chance.randbytes(500)]

    refused = 0
    for content in files:
        try:
            read_sheet("sheet.xlsx", content)
        except InvalidCount as error:
            refused += "Error" not in str(error)
    # a byte that only the directory of the archive holds may change and say the same
    assert refused > 60
    assert get_count(count.ref).lines.get().counted_qty is None


def test_a_mistake_of_ours_is_not_told_as_a_damaged_file(monkeypatch):
    count = counting(stocked("CELL", 10))

    def fail(*args, **options):
        raise ZeroDivisionError

    monkeypatch.setattr("inventory.services.count_sheets.load_workbook", fail)
    with pytest.raises(ZeroDivisionError):
        upload_counts(ref=count.ref, name="s.xlsx", content=sheet("xlsx", ("CELL", "", "", 1)), now=NOW)


def test_a_small_file_of_many_cells_is_not_read_to_its_end(monkeypatch):
    count = counting(stocked("CELL", 10))
    monkeypatch.setattr("inventory.services.count_sheets.MAX_LINES", 3)
    read = []
    monkeypatch.setattr(
        "inventory.services.count_sheets.load_workbook",
        lambda *args, **options: watched(load_workbook(*args, **options), read),
    )
    content = sheet("xlsx", *(("CELL", "MAIN", "", number) for number in range(500)))

    with pytest.raises(InvalidCount, match="At most 3 rows"):
        upload_counts(ref=count.ref, name="sheet.xlsx", content=content, now=NOW)

    assert len(read) < 10


def watched(book, read):
    """The book, which notes each row that is taken out of it."""
    inner = book.worksheets[0].iter_rows

    def iter_rows(**options):
        for row in inner(**options):
            read.append(row)
            yield row

    book.worksheets[0].iter_rows = iter_rows
    return book


def test_a_file_that_inflates_to_a_hundred_times_its_size_is_refused():
    count = counting(stocked("CELL", 10))
    content = io.BytesIO(sheet("xlsx", ("CELL", "MAIN", "", 1)))
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b" " * 2_000_000)

    with pytest.raises(InvalidCount, match="inflate"):
        upload_counts(ref=count.ref, name="sheet.xlsx", content=content.getvalue(), now=NOW)


@pytest.mark.parametrize("qty", ["1e-9", "0.1234567", "NaN", "sNaN", "-1", "1e18", "1e999999"])
def test_a_count_that_no_column_can_keep_is_refused_and_never_rounded(qty):
    cell = stocked("CELL", 10)
    count = counting(cell)

    with pytest.raises(InvalidCount) as refused:
        record_counts(ref=count.ref, counted=[found(cell, qty)], now=NOW)

    assert all(len(issue.message) < 100 for issue in refused.value.issues)
    assert get_count(count.ref).lines.get().counted_qty is None


# --- By property -------------------------------------------------------------------------------------


class AnyMovements(TestCase):
    @given(
        before=st.lists(st.integers(-5, 5), max_size=4),
        after=st.lists(st.integers(-5, 5), max_size=4),
        truth=st.integers(0, 30),
    )
    def test_posting_gives_what_was_found_and_what_moved_since(self, before, after, truth):
        item = make_item(kind="buy")
        receive_stock(item_id=item.pk, qty=Decimal(100), now=NOW - HOUR)
        count = counting(item)
        self.move(item, before, NOW + HOUR)
        record_counts(ref=count.ref, counted=[found(item, 50 + truth)], now=NOW + 2 * HOUR)
        self.move(item, after, NOW + 3 * HOUR)

        post_count(ref=count.ref, accept_differences=True, now=NOW + 4 * HOUR)

        assert balance(item) == 50 + truth + sum(after)

    def move(self, item, quantities, now):
        for qty in quantities:
            if qty > 0:
                receive_stock(item_id=item.pk, qty=Decimal(qty), now=now)
            elif qty < 0:
                issue_stock(item_id=item.pk, qty=Decimal(-qty), now=now)
