"""Read a factory-1 file into the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from planning.engine.errors import InvalidFactory
from planning.services.exchange import ImportSummary, import_factory


class Command(BaseCommand):
    help = (
        "Read a factory-1 file, all or nothing: rows are added and updated by key, the rest stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="make the file the whole truth: remove what it does not mention",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}") from error
        try:
            summary = import_factory(
                document=document,
                now=timezone.now(),
                replace=options["replace"],
                dry_run=options["dry_run"],
            )
        except InvalidFactory as error:
            self._print_issues(error)
            raise CommandError(f"Nothing was imported: {len(error.issues)} problem(s).") from error
        self._print_summary(summary)

    def _print_issues(self, error: InvalidFactory) -> None:
        for issue in error.issues:
            self.stderr.write(str(issue))

    def _print_summary(self, summary: ImportSummary) -> None:
        self.stdout.write(f"{'':16} {'added':>9} {'updated':>9} {'unchanged':>9} {'removed':>9}")
        for row in summary.sections:
            counts = (row.added, row.updated, row.unchanged, row.removed)
            self.stdout.write(f"{row.section:16}" + "".join(f" {count:>9}" for count in counts))
        for note in summary.notes:
            self.stdout.write(f"Note: {note}.")
        verb = "Dry run, nothing was changed:" if summary.dry_run else "Imported"
        self.stdout.write(self.style.SUCCESS(f"{verb} {summary.name}"))
