"""Lists as files, xlsx and csv: numbers stay numbers, days stay days, text can never become a formula."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import tablib
from django.db import models
from django.http import HttpResponse
from django.utils import timezone
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX, TablibFormat
from import_export.resources import ModelResource
from import_export.widgets import Widget

from inventory.models.fields import plain

FORMATS: dict[str, type[TablibFormat]] = {"xlsx": XLSX, "csv": CSV}
# What makes a spreadsheet read a text as a formula or a command.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any, *, native: bool = True) -> Any:
    """One cell. Text that a spreadsheet would execute gets an apostrophe in front.

    ``native``: numbers and days keep their type, as xlsx wants it; otherwise all is text.
    """
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.replace(tzinfo=None) if native else local.isoformat(timespec="seconds")
    if isinstance(value, bool | int | float | dt.date):
        return value if native else str(value)
    if isinstance(value, Decimal):
        return float(value) if native else plain(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class CellWidget(Widget):
    """Renders any value of a row by the rules of ``cell``; other rows by their name."""

    def render(
        self, value: Any, obj: models.Model | None = None, *, force_native_type: bool = False, **_: Any
    ) -> Any:
        return cell(value, native=force_native_type)


def list_resource(model: type[models.Model], *, exclude: Sequence[str] = ()) -> type[ModelResource]:
    """Every column of a model but its key, ``version`` and ``exclude``, under the names of the formats."""
    key = model._meta.pk.name
    hidden = {*exclude, "id", *(() if key == "version" else ("version",))}
    columns = [column.name for column in model._meta.concrete_fields if column.name not in hidden]
    declared: dict[str, Any] = {
        name: Field(attribute=name, column_name=name, widget=CellWidget(), readonly=True) for name in columns
    }
    declared["Meta"] = type("Meta", (), {"model": model, "fields": columns, "export_order": columns})
    return type(f"{model.__name__}List", (ModelResource,), declared)


def table_response(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], file_format: str
) -> HttpResponse:
    """A table as a file to download; ``file_format`` is a key of ``FORMATS``."""
    writer = FORMATS[file_format]()
    native = writer.is_binary()
    data = tablib.Dataset(headers=list(columns), title=name[:31])
    for row in rows:
        data.append([cell(value, native=native) for value in row])
    response = HttpResponse(writer.export_data(data), content_type=writer.get_content_type())
    response["Content-Disposition"] = f'attachment; filename="{name}.{file_format}"'
    return response
