"""Read a table of master data, stock or orders into the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from planning.errors import InvalidTable, NoFactory
from planning.services.tables import KINDS, ImportPreview, import_table


class Command(BaseCommand):
    help = "Read an xlsx or csv table, all or nothing: rows are added and changed by key, none is removed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(KINDS), metavar="KIND", help=", ".join(KINDS))
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}") from error
        try:
            preview = import_table(
                kind=options["kind"], content=content, now=timezone.now(), dry_run=options["dry_run"]
            )
        except InvalidTable as error:
            for issue in error.issues:
                self.stderr.write(str(issue))
            raise CommandError(f"Nothing was imported: {len(error.issues)} problem(s).") from error
        except NoFactory as error:
            raise CommandError(str(error)) from error
        self._print(preview)

    def _print(self, preview: ImportPreview) -> None:
        for row in preview.moved:
            fields = "; ".join(f"{name}: {old} → {new}" for name, old, new in row.fields)
            self.stdout.write(f"Row {row.row}: {row.action} {row.key}{f' ({fields})' if fields else ''}")
        counts = f"{preview.added} added, {preview.changed} changed, {preview.unchanged} unchanged"
        verb = "Dry run, nothing was changed:" if preview.dry_run else f"Imported {preview.kind}:"
        self.stdout.write(self.style.SUCCESS(f"{verb} {counts}."))
