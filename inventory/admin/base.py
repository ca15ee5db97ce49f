"""What every list and form of the admin shares: exports, history, versions, refusals in words.

A form carries the ``version`` it was opened with. Who saves second is told who was first and what
changed, keeps everything typed, and decides.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from import_export.admin import ExportMixin
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.import_export.forms import ExportForm
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from inventory.admin.exports import FORMATS, list_resource
from inventory.admin.widgets import KnownAutocomplete, KnownChoiceField, PlainDecimalField, PlainIntegerField
from inventory.errors import InventoryError
from inventory.models.fields import Edited, named, plain


def number(name: str, label: str = "") -> Any:
    """A list column of a decimal, as people write it."""

    @admin.display(description=label or name.replace("_", " "), ordering=name)
    def show(row: Model) -> str:
        value = getattr(row, name)
        return "–" if value is None else plain(value)

    show.__name__ = f"show_{name}"
    return show


def change_notice(row: Edited, seen_version: int) -> str:
    """Who changed ``row`` since ``seen_version``, when, and which fields."""
    records = list(row.history.select_related("history_user").order_by("-history_date", "-history_id")[:10])
    if not records:
        return f"{row} was changed in the meantime."
    latest = records[0]
    who = latest.history_user or "another program"
    when = date_format(timezone.localtime(latest.history_date), "Y-m-d H:i")
    before = next((record for record in records if record.version <= seen_version), None)
    fields: list[str] = []
    if before is not None and before is not latest:
        delta = latest.diff_against(before, excluded_fields=["version", "changed_at"])
        fields = [f"{change.field}: {change.old} → {change.new}" for change in delta.changes]
    what = f" ({'; '.join(fields)})" if fields else ""
    return f"{row} was changed by {who} at {when}{what}."


class VersionedForm(forms.ModelForm):
    """Carries the version that was seen, and any refusal of a service back to the page."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    refusal: Exception | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if isinstance(self.refusal, ValidationError):
            raise ValidationError(self.refusal.messages, code="refused")
        if self.refusal is not None:
            raise ValidationError(str(self.refusal), code=getattr(self.refusal, "code", "refused"))
        seen = self.cleaned_data.get("version")
        if self.instance.pk is not None and seen is not None:
            self._refuse_stale(seen)
        return cleaned

    def _refuse_stale(self, seen: int) -> None:
        rows = type(self.instance)._default_manager.select_for_update(of=("self",))
        current = rows.filter(pk=self.instance.pk).first()
        if current is None or current.version == seen:
            return
        # The page that comes back is about the current version: saving it again is a decision.
        data: Any = self.data
        self.data = data.copy()
        self.data[self.add_prefix("version")] = str(current.version)  # type: ignore[index]
        raise ValidationError(
            f"{change_notice(current, seen)} Nothing of yours was saved or lost: it still stands below. "
            "Compare it with the current state, then save again to apply it.",
            code="version_conflict",
        )


class DistinctFormSet(PaginationInlineFormSet):
    """Finds rows that stand twice, also where a part of the key is empty, and names what is selected."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name_selected()

    def _name_selected(self) -> None:
        for name, field in self.form.base_fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, KnownAutocomplete):
                rows = [getattr(row, name) for row in self.get_queryset()]
                if self.is_bound:
                    rows += self._sent(name, field)
                widget.known.update({str(row.pk): named(row) for row in rows if row is not None})

    def _sent(self, name: str, field: Any) -> list[Any]:
        """The rows that the person chose, in one query."""
        sent = {self.data.get(f"{self.prefix}-{number}-{name}") for number in range(self.total_form_count())}
        rows = field.queryset.filter(pk__in=[key for key in sent if key and key.isdecimal()])
        field.known_rows.update({str(row.pk): row for row in rows})
        return list(rows)

    def add_fields(self, form: Any, index: int | None) -> None:
        """Each row names itself by its key; all of them are at hand already."""
        super().add_fields(form, index)
        name = self.model._meta.pk.name
        field = form.fields.get(name)
        if isinstance(field, forms.ModelChoiceField) and self.is_bound:
            known = KnownChoiceField(
                field.queryset, initial=field.initial, required=False, widget=forms.HiddenInput
            )
            known.known_rows = {str(row.pk): row for row in self.get_queryset()}
            form.fields[name] = known

    def clean(self) -> None:
        super().clean()
        for constraint in self.model._meta.constraints:
            names = _key_with_empty_parts(constraint)
            if names:
                self._refuse_twice([name for name in names if name != self.fk.name])

    def _refuse_twice(self, names: list[str]) -> None:
        seen = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", None)
            if not data or data.get("DELETE") or not form.is_valid():
                continue
            key = tuple(data.get(name) for name in names)
            if key in seen and any(value is not None for value in key):
                raise ValidationError(f"Two rows have the same {', '.join(names)}.", code="unique")
            seen.add(key)


def _key_with_empty_parts(constraint: models.BaseConstraint) -> list[str]:
    """The columns of a key that counts empty parts as equal, which Django's own check leaves out."""
    if not isinstance(constraint, models.UniqueConstraint) or constraint.condition is not None:
        return []
    if constraint.nulls_distinct is False:
        return list(constraint.fields)
    parts = [
        part
        for whole in constraint.expressions
        for part in (whole.flatten() if hasattr(whole, "flatten") else [whole])
    ]
    return list(dict.fromkeys(part.name for part in parts if isinstance(part, models.F)))


class PlainFields:
    """Numbers in plain digits, decimals without trailing zeros, in forms and where they are only shown."""

    model: type[Model]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decimals = (f.name for f in self.model._meta.concrete_fields if isinstance(f, models.DecimalField))
        self.readonly_preprocess_fields = dict.fromkeys(decimals, _trim)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.IntegerField):
            kwargs["form_class"] = PlainIntegerField
        if isinstance(db_field, models.DecimalField):
            kwargs["form_class"] = PlainDecimalField
            kwargs["widget"] = UnfoldAdminDecimalFieldWidget
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(db_field, models.TextField) and field is not None:
            field.widget.attrs["rows"] = 3
        if isinstance(field, forms.ModelChoiceField):
            field.label_from_instance = named  # type: ignore[assignment, method-assign]
        return field


def _trim(shown: str) -> str:
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


class EditedInline(PlainFields, TabularInline):
    """Rows of something that is edited on its parent's page. ``related``: what their names are made of."""

    formset = DistinctFormSet
    extra = 0
    tab = True
    show_title = False
    related: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.related).order_by("pk")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownAutocomplete(db_field, self.admin_site, using=kwargs.get("using"))
            kwargs["form_class"] = KnownChoiceField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ListAdmin(PlainFields, ExportMixin, ModelAdmin):
    """A list that everybody who may see it may take away as xlsx or csv."""

    export_form_class = ExportForm
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    list_filter_sheet = False
    hidden_columns: Sequence[str] = ()

    def get_export_formats(self) -> list[type]:
        return list(FORMATS.values())

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_hidden_columns(self, request: HttpRequest) -> Sequence[str]:
        """Columns that this person may not take away."""
        return self.hidden_columns

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Nor guess: a list that can be narrowed by a hidden column gives its values away."""
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return allowed and lookup.partition("__")[0] not in self.get_hidden_columns(request)

    def get_export_resource_classes(self, request: HttpRequest) -> list[type]:
        return [list_resource(self.model, exclude=self.get_hidden_columns(request))]

    def get_export_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_export_queryset(request)
        names = [f.name for f in self.model._meta.concrete_fields if isinstance(f, models.ForeignKey)]
        return rows.select_related(*names, *self.export_related) if names else rows

    export_related: Sequence[str] = ()


class EditedAdmin(SimpleHistoryAdmin, ListAdmin):
    """A list and form of something people edit."""

    form = VersionedForm
    change_form_before_template = "admin/driveline/version.html"
    warn_unsaved_form = True
    history_list_display = ["version"]
    refusals: tuple[type[Exception], ...] = (InventoryError, ValidationError)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Save, or show the page again with what was typed and the reason why not."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except self.refusals as error:
            return self._show_again(request, object_id, form_url, extra_context, error)
        except IntegrityError:
            taken = ValueError("Somebody else has just stored a row with the same key, or uses this one.")
            return self._show_again(request, object_id, form_url, extra_context, taken)

    def _show_again(
        self,
        request: HttpRequest,
        object_id: str | None,
        form_url: str,
        extra_context: dict[str, Any] | None,
        error: Exception,
    ) -> HttpResponse:
        request.refusal = error  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def shows_history(self, request: HttpRequest) -> bool:
        """May this person read old versions? They hold every field, also those that the form hides."""
        return True

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not self.shows_history(request):
            context["show_history"] = False
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed what. Authors are named, not linked: few may open users, and programs are none."""
        self._require_history(request)
        response: HttpResponse = super().history_view(
            request, object_id, {"admin_user_view": "", **(extra_context or {})}
        )
        return response

    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One old version, with all its fields."""
        self._require_history(request)
        response: HttpResponse = super().history_form_view(request, *args, **kwargs)
        return response

    def _require_history(self, request: HttpRequest) -> None:
        if not self.shows_history(request):
            raise PermissionDenied

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [name for name in super().get_fields(request, obj) if name != "version"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and not form.has_changed():
            return
        if change:
            obj.version += 1
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The version of a page is that of its top row: it also grows when only a row below changed."""
        super().save_related(request, form, formsets, change)
        if change and not form.has_changed() and any(formset.has_changed() for formset in formsets):
            form.instance.version += 1
            form.instance.save()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            row.delete()
        for row in rows:
            self.save_row(request, row)
        formset.save_m2m()

    def save_row(self, request: HttpRequest, row: Any) -> None:
        """Store one row of an inline."""
        if row.pk is not None:
            row.version += 1
        row.save()
