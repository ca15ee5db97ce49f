"""``docs/benchmarks.md``: one section per part. A part that was not measured now keeps its section."""

import re

from bench.figures import Section
from bench.surroundings import ROOT

FILE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`; `make bench ARGS="import pages"` measures some parts and leaves the other sections
as they are. The example factory is `data/balqon.json`: 87 items, 118 lines of bills of materials, 77
operations, 24 work centres, 21 skills, 4 sales orders with 17 instalments. Where other programs share the
machine, compare the seconds of processor and not those of the wall.
"""
_SECTION = re.compile(r"<!-- part: (?P<part>\w+) -->\n(?P<text>.*?)\n<!-- end -->\n", re.DOTALL)


def write(sections: list[Section], order: tuple[str, ...]) -> None:
    """Put the sections into the file, in the order of the parts."""
    kept = {}
    if FILE.is_file():
        kept = {found["part"]: found["text"] for found in _SECTION.finditer(FILE.read_text(encoding="utf-8"))}
    kept |= {section.part: markdown(section) for section in sections}
    parts = [f"<!-- part: {part} -->\n{kept[part]}\n<!-- end -->\n" for part in order if part in kept]
    FILE.write_text("\n".join([HEAD, *parts]), encoding="utf-8")


def markdown(section: Section) -> str:
    """One section: when and where, then a table."""
    lines = [
        f"## {section.title}",
        "",
        f"{section.circumstances}.",
        "",
        "| | measured | target | |",
        "|---|---|---|---|",
    ]
    for figure in section.figures:
        verdict = {True: "met", False: "**missed**", None: ""}[figure.is_met]
        lines.append(
            f"| {figure.name.replace('  ', '– ')} | {figure.measured} | {figure.target} | {verdict} |"
        )
    for remark in section.remarks:
        lines += ["", remark]
    return "\n".join(lines) + "\n"


def plain(section: Section) -> str:
    """The same for a terminal."""
    width = max(len(figure.name) for figure in section.figures)
    lines = [section.title]
    for figure in section.figures:
        verdict = {True: "met", False: "MISSED", None: ""}[figure.is_met]
        target = f"  [{figure.target}] {verdict}" if figure.target else ""
        lines.append(f"  {figure.name:<{width}}  {figure.measured}{target}")
    return "\n".join(lines)
