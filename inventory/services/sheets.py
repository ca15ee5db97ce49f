"""Sheets from strangers, as far as counts and tables read them alike: the text of a csv file, the numbers in
it, and what a damaged xlsx file raises.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

from openpyxl.utils.exceptions import InvalidFileException

DELIMITERS = (",", ";", "\t")
# What openpyxl, zipfile and the parser of XML raise over a file that is cut, scrambled or of another kind;
# found by damaging files at random.
DAMAGED_XLSX = (
    AttributeError,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    OSError,
    ParseError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
REMEDY = 'in Excel, save it as "CSV UTF-8", or as xlsx'

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_WITH_COMMA = re.compile(r"-?[0-9]+,[0-9]+", re.ASCII)
# 1,500 is one and a half in some countries and one thousand five hundred in others; 0,125 is the same in all.
_PERHAPS_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)


class UnreadableText(ValueError):
    """The file is no csv text; the message says what to do, ``row`` where it is, if that is known."""

    def __init__(self, message: str, row: int | None = None) -> None:
        self.row = row
        super().__init__(message)


class AmbiguousNumber(ValueError):
    """A number that people of different countries read differently."""


def decode_csv(content: bytes) -> str:
    """The text of a file that should be UTF-8."""
    if content.startswith(_UTF_16):
        raise UnreadableText(f"the file is UTF-16 text; {REMEDY}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise UnreadableText(f"the file is not UTF-8 text; {REMEDY}", row) from None


def delimiter_of(text: str) -> str:
    """What stands between the cells of the header; a comma where there is one cell only."""
    header = text.split("\n", 1)[0]
    return max(DELIMITERS, key=header.count)


def read_rows(text: str) -> Iterator[list[str]]:
    """The rows of a csv text, one by one."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise UnreadableText(f"the text cannot be read as csv: {error}", reader.line_num) from None


def with_point(number: str, delimiter: str) -> str:
    """A number as it is written where commas do not part the cells, ``1,5``, with its point: ``1.5``.

    Raises ``AmbiguousNumber`` where the comma may as well part thousands.
    """
    if delimiter == "," or not _WITH_COMMA.fullmatch(number):
        return number
    point = number.replace(",", ".")
    if _PERHAPS_THOUSANDS.fullmatch(number):
        raise AmbiguousNumber(f"it may mean {point} or {number.replace(',', '')}; write it as one of them")
    return point
