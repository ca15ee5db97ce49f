"""Write stored rows as a table of the shape that imports."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from planning.errors import NoFactory
from planning.services.tables import KINDS, export_table, template


class Command(BaseCommand):
    help = "Write a table as .xlsx or .csv, as the name of FILE says; FILE - means csv to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(KINDS), metavar="KIND", help=", ".join(KINDS))
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--template", action="store_true", help="the columns alone, to be filled in")

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["file"]
        file_format = "csv" if file == "-" else Path(file).suffix.removeprefix(".").lower()
        if file_format not in {"xlsx", "csv"}:
            raise CommandError(f"{file} ends neither in .xlsx nor in .csv.")
        write = template if options["template"] else export_table
        try:
            content = write(kind=options["kind"], file_format=file_format)
        except NoFactory as error:
            raise CommandError(str(error)) from error
        if file == "-":
            sys.stdout.buffer.write(content)
            return
        try:
            Path(file).write_bytes(content)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
        self.stdout.write(self.style.SUCCESS(f"Wrote {file}"))
