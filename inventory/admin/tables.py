"""A form that is a table: what is known of each row beside what is to be entered for it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.options import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from inventory.admin.widgets import PlainDecimalField
from inventory.models.fields import CODE, QTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A column that is only shown; ``css`` is the class of its cells."""

    label: str
    read: Callable[[Any], Any]
    css: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A column that is entered: a field for each row."""

    name: str
    label: str
    make: Callable[[Any], forms.Field]


class TableForm(forms.Form):
    """``shown`` and ``entered`` are the columns of ``rows``, which have keys; subclasses add fields below."""

    shown: tuple[Shown, ...] = ()
    entered: tuple[Entered, ...] = ()

    def __init__(self, *args: Any, rows: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.below = list(self.fields)
        self.rows = list(rows)
        for row in self.rows:
            for column in self.entered:
                field = column.make(row)
                field.label = f"{column.label}: {row}"
                field.widget.attrs["aria-label"] = field.label
                self.fields[f"{column.name}_{row.pk}"] = field

    def table(self) -> Iterator[tuple[list[tuple[Any, str]], list[Any]]]:
        """Each row as its cells, and the fields beside them."""
        for row in self.rows:
            cells = [(column.read(row), column.css) for column in self.shown]
            yield cells, [self[f"{column.name}_{row.pk}"] for column in self.entered]

    def fields_below(self) -> list[Any]:
        """What is entered once for all rows."""
        return [self[name] for name in self.below]

    def given(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Each row with what was entered for it."""
        for row in self.rows:
            values = {column.name: self.cleaned_data[f"{column.name}_{row.pk}"] for column in self.entered}
            yield row, values


def table_page(
    request: HttpRequest, admin: "ModelAdmin[Any]", form: TableForm, context: dict[str, Any]
) -> HttpResponse:
    """The page of a table form."""
    common = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "form": form,
        "media": admin.media + form.media,
    }
    return TemplateResponse(request, "admin/driveline/table_form.html", common | context)


def qty_field(**options: Any) -> forms.Field:
    """A quantity as people write it."""
    return PlainDecimalField(**{**QTY, "widget": UnfoldAdminDecimalFieldWidget, "required": False, **options})


def code_field(**options: Any) -> forms.Field:
    """A location, a lot, a reference."""
    given = {"max_length": CODE["max_length"], "validators": CODE["validators"], "required": False}
    return forms.CharField(**{**given, "widget": UnfoldAdminTextInputWidget, **options})
