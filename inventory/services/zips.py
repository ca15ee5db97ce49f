"""Refuses an xlsx file by what its zip archive declares, before anything in it is inflated.

Python's ``zipfile`` never reads more of an entry than is declared for it, so declared sizes are a bound.
"""

import struct
import zipfile
from io import BytesIO

MAX_ENTRIES = 200
MAX_INFLATED = 60_000_000
# What a spreadsheet program writes shrinks to a twentieth; a bomb to a thousandth.
MAX_RATIO = 100
_RATIO_FROM = 1_000_000

_END = struct.Struct("<4sHHHHLLH")
_END_MARK = b"PK\x05\x06"
_MAX_COMMENT = 65_535
_DIRECTORY_BYTES_PER_ENTRY = 500


class HostileArchive(ValueError):
    """The archive declares more than a table can be."""


def open_archive(content: bytes) -> zipfile.ZipFile:
    """The archive, checked; raises ``HostileArchive`` in words."""
    _refuse_many_entries(content)
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise HostileArchive(f"the file is not an intact xlsx file ({error})") from None
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise HostileArchive(f"the file holds {len(infos)} parts; expected at most {MAX_ENTRIES}")
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise HostileArchive("the file holds two parts of the same name")
    inflated = sum(info.file_size for info in infos)
    if inflated > MAX_INFLATED:
        size = f"{inflated / 1e6:,.0f} MB"
        raise HostileArchive(f"the file would inflate to {size}; expected at most {MAX_INFLATED // 10**6} MB")
    for info in infos:
        if info.flag_bits & 1:
            raise HostileArchive("the file is encrypted; save it without a password")
        if info.file_size > _RATIO_FROM and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise HostileArchive(
                f"part {info.filename[:80]} would inflate to more than {MAX_RATIO} times its size"
            )
    return archive


def _refuse_many_entries(content: bytes) -> None:
    """By the record at the end of the file alone: reading a directory of thousands of parts takes time."""
    at = content.rfind(_END_MARK, max(0, len(content) - _MAX_COMMENT - _END.size))
    if at < 0 or len(content) - at < _END.size:
        raise HostileArchive("the file is not an intact xlsx file (it has no end)")
    _, _, _, _, entries, directory_size, _, _ = _END.unpack_from(content, at)
    if entries > MAX_ENTRIES or directory_size > MAX_ENTRIES * _DIRECTORY_BYTES_PER_ENTRY:
        raise HostileArchive(f"the file holds {entries} parts; expected at most {MAX_ENTRIES}")
