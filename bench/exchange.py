"""Importing the example factory, importing it again, and writing it back."""

from django.utils import timezone

from bench.figures import Section, Stopwatch
from bench.surroundings import BALQON
from planning.engine.factory_codec import canonical_json, read_factory
from planning.services.exchange import export_factory, import_factory

MOST_SECONDS = 5.0


def measure() -> Section:
    """Measured twice: into an empty database, and over itself."""
    section = Section("import", "Import of the example factory")
    document = BALQON.read_bytes()
    with Stopwatch() as first:
        summary = import_factory(document=document, now=timezone.now())
    with Stopwatch() as again:
        second = import_factory(document=document, now=timezone.now())
    with Stopwatch() as export:
        written = export_factory()
    is_equal = canonical_json(read_factory(written)) == canonical_json(read_factory(document))
    section.check(
        f"Into an empty database, {summary.changed_rows} rows of the file",
        str(first),
        f"under {MOST_SECONDS:.0f} s",
        first.wall < MOST_SECONDS,
    )
    section.check(
        "The same file again: rows changed", str(second.changed_rows), "0", second.changed_rows == 0
    )
    section.tell("The same file again", str(again))
    section.tell("Export", str(export))
    section.check("Exported file equals the imported one", "yes" if is_equal else "no", "yes", is_equal)
    return section
