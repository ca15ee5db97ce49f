"""Write the stored factory as a factory-1 file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from planning.engine.errors import InvalidFactory
from planning.errors import NoFactory
from planning.services.exchange import export_factory


class Command(BaseCommand):
    help = "Write the stored factory as factory-1; FILE - means standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = export_factory()
        except NoFactory as error:
            raise CommandError(str(error)) from error
        except InvalidFactory as error:
            for issue in error.issues:
                self.stderr.write(str(issue))
            raise CommandError("The stored rows do not fit together; nothing was written.") from error
        if options["file"] == "-":
            self.stdout.write(document, ending="")
            return
        try:
            Path(options["file"]).write_text(document, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}") from error
        self.stdout.write(self.style.SUCCESS(f"Wrote {options['file']}"))
