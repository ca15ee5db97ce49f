"""Malformed and hostile tables: each gets a clear refusal with its place, and nothing is half imported."""

import datetime as dt
import io
import resource
import struct
import zipfile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from inventory.models import Item, PurchaseOrderLine
from inventory.services.zips import MAX_ENTRIES, HostileArchive, open_archive
from planning.errors import InvalidTable
from planning.services.exchange import export_factory, import_factory
from planning.services.tables import KINDS, MAX_BYTES, MAX_ROWS, export_table, template
from tests import builders
from tests.planning.tables import as_csv, as_xlsx, bring, counts, refusals, rows_of, saved

pytestmark = pytest.mark.django_db

HEADER = ["code", "kind", "name", "unit_cost", "lead_time_days", "earliest_production"]
GOOD = ["NEW", "buy", "", "1.5", "3", ""]


@pytest.fixture(autouse=True)
def works():
    import_factory(document=builders.as_json(builders.factory_document()), now=builders.NOW)


def items_csv(*rows, header=HEADER, **options):
    return as_csv(header, *rows, **options)


def row(**values):
    return [values.get(name, GOOD[index]) for index, name in enumerate(HEADER)]


def set_cell(name, value, **attributes):
    def change(sheet):
        sheet[name] = value
        for attribute, given in attributes.items():
            setattr(sheet[name], attribute, given)

    return change


def items_xlsx(*rows, change=None, header=HEADER):
    return as_xlsx(header, *(rows or [GOOD]), title="items", change=change)


def with_part(content, name, edit):
    """The archive with one part changed."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info.filename, edit(data) if info.filename == name else data)
    return result.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def entity(data):
    return data.replace(
        b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet', 1
    )


def many_entries(count=10_000):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.xml", b"")
    return content.getvalue()


def scrambled(content):
    """The archive with a byte changed in the middle of each part."""
    damaged = bytearray(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            damaged[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 0xFF
    return bytes(damaged)


# Name, file, and row, column and a few words of each refusal that is expected.
MALFORMED = [
    ("empty", b"", [(None, None, "empty")]),
    ("only a mark", b"\xef\xbb\xbf", [(None, None, "empty")]),
    ("only blank lines", b"\n\n\n", [(None, None, "empty")]),
    ("empty workbook", as_xlsx(title="items"), [(None, None, "empty")]),
    (
        "cp1252",
        items_csv(row(name="Größe"), encoding="cp1252"),
        [(2, None, 'not UTF-8 text; in Excel, save it as "CSV UTF-8", or as xlsx')],
    ),
    ("utf-16", items_csv(GOOD, encoding="utf-16"), [(None, None, "UTF-16")]),
    ("nul", items_csv(row(name="a\x00b")), [(None, None, "U+0000")]),
    ("unclosed quote", b'code,kind\n"NEW,buy\n', [(None, None, "csv")]),
    ("long row", items_csv([*GOOD, "more"]), [(2, None, "7 cells; expected 6")]),
    ("short row", items_csv(GOOD[:3]), [(2, None, "3 cells; expected 6")]),
    (
        "ragged rows",
        items_csv(GOOD[:2], row(code="B"), [*row(code="C"), "x"]),
        [(2, None, "cells"), (4, None, "cells")],
    ),
    ("text beside the table", items_xlsx([*GOOD, "note"]), [(2, None, "7 cells; expected 6")]),
    ("header twice", items_csv([*GOOD, "x"], header=[*HEADER, "name"]), [(1, "name", "twice")]),
    (
        "header twice but for capitals",
        items_csv([*GOOD, "x"], header=[*HEADER, " Unit Cost"]),
        [(1, "unit_cost", "twice")],
    ),
    ("unknown column", items_csv([*GOOD, "x"], header=[*HEADER, "colour"]), [(1, "colour", "no such")]),
    ("missing column", items_csv(["buy"], header=["kind"]), [(1, "code", "missing")]),
    (
        "no header at all",
        items_csv(header=GOOD),
        [*[(1, None, "no such")] * 4, (1, "code", "missing")],
    ),
    ("formula", items_xlsx(row(unit_cost="=1+1")), [(2, "unit_cost", "formula")]),
    ("formula in csv", items_csv(row(name="=HYPERLINK()")), [(2, "name", "formula")]),
    (
        "error of a formula",
        items_xlsx(change=set_cell("D2", "#N/A", data_type="e")),
        [(2, "unit_cost", "formula")],
    ),
    ("merged cells", items_xlsx(change=lambda sheet: sheet.merge_cells("A2:B2")), [(2, "A2:B2", "merged")]),
    (
        "day of no calendar",
        items_csv(row(earliest_production="2011-02-30")),
        [(2, "earliest_production", "no such day")],
    ),
    (
        "german day",
        items_csv(row(earliest_production="01.03.2011")),
        [(2, "earliest_production", "YYYY-MM-DD")],
    ),
    (
        "american day",
        items_csv(row(earliest_production="3/1/2011")),
        [(2, "earliest_production", "YYYY-MM-DD")],
    ),
    (
        "serial number as day",
        items_xlsx(row(earliest_production=40603)),
        [(2, "earliest_production", "formatted as a date")],
    ),
    (
        "time of day",
        items_xlsx(row(earliest_production=dt.datetime.fromisoformat("2011-03-01T07:00"))),
        [(2, "earliest_production", "time of day")],
    ),
    (
        "day out of range",
        items_csv(row(earliest_production="1969-12-31")),
        [(2, "earliest_production", "from 1970")],
    ),
    (
        "decimal comma that may part thousands",
        items_csv(row(unit_cost="1#500")).replace(b",", b";").replace(b"#", b","),
        [(2, "unit_cost", "it may mean 1.500 or 1500; write it as one of them")],
    ),
    (
        "point of thousands",
        items_csv(row(unit_cost="1.500#25")).replace(b",", b";").replace(b"#", b","),
        [(2, "unit_cost", "1234.5")],
    ),
    ("underscore", items_csv(row(lead_time_days="1_0")), [(2, "lead_time_days", "whole number")]),
    ("decimal comma", items_csv(row(unit_cost="1,5")), [(2, "unit_cost", "1234.5")]),
    ("thousands", items_csv(row(unit_cost="1,500.00")), [(2, "unit_cost", "1234.5")]),
    ("currency", items_csv(row(unit_cost="$5")), [(2, "unit_cost", "1234.5")]),
    ("exponent", items_csv(row(unit_cost="1e3")), [(2, "unit_cost", "1234.5")]),
    ("not a number", items_csv(row(unit_cost="NaN")), [(2, "unit_cost", "1234.5")]),
    ("infinite", items_csv(row(unit_cost="inf")), [(2, "unit_cost", "1234.5")]),
    ("arabic digits", items_csv(row(lead_time_days="٣")), [(2, "lead_time_days", "whole number")]),
    ("blanks around a number", items_csv(row(unit_cost=" 5")), [(2, "unit_cost", "1234.5")]),
    ("negative", items_csv(row(unit_cost="-5")), [(2, "unit_cost", "at least 0")]),
    ("too large", items_csv(row(unit_cost="1000000000000000000")), [(2, "unit_cost", "at most")]),
    ("too precise", items_csv(row(unit_cost="0.000000001")), [(2, "unit_cost", "6 decimal places")]),
    ("part of a day", items_csv(row(lead_time_days="1.5")), [(2, "lead_time_days", "whole number")]),
    ("true as number", items_xlsx(row(lead_time_days=True)), [(2, "lead_time_days", "whole number")]),
    ("no code", items_csv(row(code="")), [(2, "code", "empty")]),
    ("blank around a code", items_csv(row(code="NEW ")), [(2, "code", "blanks")]),
    ("code of a half", items_xlsx(row(code=1.5)), [(2, "code", "as text")]),
    (
        "code as a day",
        items_xlsx(row(code=dt.datetime.fromisoformat("2011-03-01"))),
        [(2, "code", "as text")],
    ),
    ("code too long", items_csv(row(code="N" * 65)), [(2, "code", "at most 64")]),
    ("control character", items_csv(row(name="a\x07b")), [(2, "name", "U+0007")]),
    ("bidi", items_csv(row(name="a\u202eb")), [(2, "name", "U+202E")]),
    ("unknown kind", items_csv(row(kind="bought")), [(2, "kind", "one of make, buy, phantom")]),
    ("same key twice", items_csv(GOOD, GOOD), [(3, None, "same code as in row 2")]),
    ("old excel", b"\xd0\xcf\x11\xe0" + b"x" * 100, [(None, None, "old or a protected")]),
    ("no archive", b"PK\x03\x04 and no more", [(None, None, "not an intact xlsx")]),
    ("scrambled archive", scrambled(items_xlsx()), [(None, None, "not an intact xlsx")]),
    ("half an archive", items_xlsx()[:-200], [(None, None, "not an intact xlsx")]),
    ("new row without its kind", items_csv(["NEW"], header=["code"]), [(2, "kind", "required")]),
    ("archive of something else", many_entries(3), [(None, None, "not an intact xlsx")]),
    ("entities", with_part(items_xlsx(), SHEET, entity), [(None, None, "declarations")]),
    (
        "broken sheet",
        with_part(items_xlsx(), SHEET, lambda data: data[:200]),
        [(None, None, "not an intact")],
    ),
    (
        "two sheets",
        as_xlsx(HEADER, GOOD, title="one", change=lambda sheet: sheet.parent.create_sheet("two")),
        [(None, None, "sheets one, two; expected one that is called items")],
    ),
    (
        "several in one file",
        items_csv(row(unit_cost="x", kind="y"), row(code="B"), row(code="C", lead_time_days="-1")),
        [(2, "kind", "one of"), (2, "unit_cost", "1234.5"), (4, "lead_time_days", "at least 0")],
    ),
]


@pytest.mark.parametrize(
    ("content", "expected"), [each[1:] for each in MALFORMED], ids=[each[0] for each in MALFORMED]
)
def test_a_malformed_file_is_refused_with_the_place(content, expected):
    before = export_factory()

    found = refusals("items", content)

    assert len(found) == len(expected), found
    for (row_, column, message), (at, name, words) in zip(found, expected, strict=True):
        assert at is None or row_ == at
        assert name is None or column == name
        assert words in message
    assert export_factory() == before


def test_there_are_fifty_malformed_files():
    assert len(MALFORMED) >= 50


# --- What is accepted --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        items_csv(GOOD),
        items_csv(GOOD, encoding="utf-8-sig"),
        items_csv(GOOD).replace(b",", b";"),
        items_csv(GOOD).replace(b",", b"\t"),
        items_csv(GOOD).replace(b",", b";").replace(b"1.5", b"1,5"),
        items_csv(GOOD).replace(b",", b"\t").replace(b"1.5", b"1,50"),
        items_csv(GOOD).replace(b"\r\n", b"\n"),
        items_csv(GOOD) + b"\r\n,,,,,\r\n",
        items_csv(
            GOOD, header=["Code", " kind ", "Name", "Unit cost", "LEAD TIME DAYS", "earliest_production"]
        ),
        items_xlsx(),
        items_xlsx(row(unit_cost=1.5, lead_time_days=3)),
        as_xlsx(HEADER, GOOD, title="whatever"),
    ],
    ids=lambda content: "xlsx" if content.startswith(b"PK") else "csv",
)
def test_ways_to_write_the_same_table(content):
    assert counts(bring("items", content)) == (1, 0, 0)
    item = Item.objects.get(code="NEW")
    assert (item.kind, item.unit_cost, item.lead_time_days) == ("buy", 1.5, 3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_a_table_without_rows_changes_nothing(kind, file_format):
    assert counts(bring(kind, template(kind=kind, file_format=file_format))) == (0, 0, 0)


def test_a_code_that_excel_took_for_a_number_is_a_code():
    bring("items", items_xlsx(row(code=4711), row(code=4712.0)))
    assert set(Item.objects.filter(code__startswith="47").values_list("code", flat=True)) == {"4711", "4712"}


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_excel_dates_count_from_1900_or_1904_as_the_file_says(epoch):
    book = Workbook()
    if epoch:
        book.epoch = epoch
    sheet = book.active
    sheet.append(HEADER)
    sheet.append(row(earliest_production=dt.date(2011, 3, 1)))
    bring("items", saved(book))
    assert Item.objects.get(code="NEW").earliest_production == dt.date(2011, 3, 1)


def test_a_code_that_a_refused_row_would_have_brought_is_no_problem_of_its_own():
    # the row of the new item is refused; that its source names an unknown item is another file's business
    found = refusals("items", items_csv(row(unit_cost="x"), row(code="B", kind="buy")))
    assert [place[:2] for place in found] == [(2, "unit_cost")]


def test_an_unknown_reference_is_told_by_row_and_column():
    found = refusals("bom", as_csv(["parent", "component", "qty"], ["DRIVE", "GHOST", "1"]))
    assert found == [(2, "component", "unknown item GHOST; add it or correct the code.")]


# --- Limits and bombs --------------------------------------------------------------------------------


def test_too_many_bytes_are_refused_before_anything_is_read():
    (issue,) = refusals("items", b"a" * (MAX_BYTES + 1))
    assert "5,000,001 bytes; expected at most 5,000,000" in issue[2]


def test_too_many_rows_are_refused():
    content = b"code,kind\n" + b"".join(b"N%d,buy\n" % number for number in range(MAX_ROWS + 1))
    (issue,) = refusals("items", content)
    assert issue[0] == MAX_ROWS + 2
    assert "more than 50,000 rows" in issue[2]


def test_a_row_far_down_the_sheet_is_refused():
    (issue,) = refusals("items", items_xlsx(change=set_cell("A1048576", "X")))
    assert "more than 50,000 rows" in issue[2]


def bomb(entries=1, megabytes=100):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for number in range(entries):
            archive.writestr(f"xl/worksheets/sheet{number + 1}.xml", b" " * (megabytes * 10**6))
    return content.getvalue()


def lying_bomb():
    """A bomb whose directory says that it is small."""
    content = bytearray(bomb())
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = content.rfind(mark)
        struct.pack_into("<L", content, place + at, 1000)
    return bytes(content)


BOMBS = {"ratio": bomb(megabytes=50), "size": bomb(megabytes=100), "entries": many_entries()}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_is_inflated(name, monkeypatch):
    content = BOMBS[name]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    monkeypatch.setattr(zipfile.ZipFile, "open", pytest.fail)
    with pytest.raises(HostileArchive):
        open_archive(content)
    monkeypatch.undo()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 20_000

    (issue,) = refusals("items", content)
    assert "expected at most" in issue[2] or "times its size" in issue[2]


def test_a_bomb_that_lies_about_its_size_does_no_harm():
    content = lying_bomb()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (issue,) = refusals("items", content)
    assert "not an intact xlsx file" in issue[2]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 20_000


def test_an_archive_of_as_many_parts_as_are_allowed_is_opened():
    assert len(open_archive(many_entries(MAX_ENTRIES)).namelist()) == MAX_ENTRIES


# --- Formulas on the way out ------------------------------------------------------------------------

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "'=1",
    "''=1",
    "'s-Gravenhage",
    '=HYPERLINK("http://x")',
    "a;b=c",
    "<b>",
    '"q"',
]


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_no_text_leaves_as_a_formula_and_every_text_comes_back_as_it_was(file_format):
    drive = Item.objects.get(code="DRIVE")
    for number, text in enumerate(HOSTILE):
        Item.objects.create(code=f"H-{number}", kind="buy", name=text, uom=drive.uom)

    content = export_table(kind="items", file_format=file_format)

    if file_format == "xlsx":
        cells = [cell for line in load_workbook(io.BytesIO(content)).worksheets[0] for cell in line]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
        texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    else:
        lines = content.decode("utf-8-sig").splitlines()
        texts = [cell for line in lines for cell in line.split(",")]
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert counts(bring("items", content)) == (0, 0, len(HOSTILE) + 2)
    names = Item.objects.filter(code__startswith="H-").order_by("pk").values_list("name", flat=True)
    assert list(names) == HOSTILE


def test_numbers_and_days_leave_as_numbers_and_days():
    Item.objects.filter(code="DRIVE").update(unit_cost="2.5", earliest_production=dt.date(2011, 4, 1))
    header, drive, _ = rows_of(export_table(kind="items", file_format="xlsx"))
    told = dict(zip(header, drive, strict=True))
    assert (told["unit_cost"], told["earliest_production"]) == (2.5, dt.datetime.fromisoformat("2011-04-01"))


# --- Every kind --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "suppliers"])
def test_every_column_of_every_kind_refuses_nonsense_by_its_name(kind):
    columns = [column for column in KINDS[kind].columns if column.reads != "text"]
    header = [column.name for column in KINDS[kind].columns]
    content = as_csv(header, ["\x01" if column in columns else "X" for column in KINDS[kind].columns])

    found = refusals(kind, content)

    assert {(row_, name) for row_, name, _ in found} == {(2, column.name) for column in columns}


def test_a_refusal_of_the_format_leaves_orders_as_they_are():
    content = as_csv(
        ["ref", "supplier", "item", "qty", "due", "received_qty"],
        ["PO-9", "GHOST", "MOTOR", "5", "2011-04-01", "6"],
    )
    with pytest.raises(InvalidTable) as caught:
        bring("purchase_orders", content)
    assert {(issue.row, issue.column) for issue in caught.value.issues} == {
        (2, "supplier"),
        (2, "received_qty"),
    }
    assert not PurchaseOrderLine.objects.exists()
