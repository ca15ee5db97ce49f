"""Bills of materials with their components, which go through the services that refuse cycles and overlaps."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from inventory.admin.base import EditedAdmin, EditedInline, number
from inventory.models import BillOfMaterials, BomLine, BomSubstitute
from inventory.services import lock_boms, save_bom, save_bom_line


class BomLineInline(EditedInline):
    model = BomLine
    fields = ["component", "qty", "scrap", "operation", "effective_from", "effective_to"]
    autocomplete_fields = ["component"]
    related = ["bom__item", "component"]
    show_change_link = True
    verbose_name_plural = "components"
    tab = False


class StructureAdmin(EditedAdmin):
    """Who sends a form waits for whoever changes a bill before rows are locked, in the services' order."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        with transaction.atomic():
            if request.method == "POST":
                lock_boms()
            return super().changeform_view(request, object_id, form_url, extra_context)


@admin.register(BillOfMaterials)
class BillOfMaterialsAdmin(StructureAdmin):
    """One revision; its components are rows of its page."""

    list_display = ["item", "item_name", "revision", "components", "effective_from", "effective_to"]
    list_display_links = ["item"]
    list_select_related = ["item"]
    search_fields = ["item__code", "item__name", "revision", "lines__component__code"]
    list_filter = ["item__kind"]
    ordering = ["item__code", "revision"]
    autocomplete_fields = ["item"]
    fieldsets = [(None, {"fields": [("item", "revision"), ("effective_from", "effective_to"), "note"]})]
    inlines = [BomLineInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(line_count=Count("lines"))

    @admin.display(description="item name", ordering="item__name")
    def item_name(self, bom: BillOfMaterials) -> str:
        return bom.item.name

    @admin.display(ordering="line_count")
    def components(self, bom: Any) -> int:
        return int(bom.line_count)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """It is stored together with its lines."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        lines = [line for formset in formsets for line in formset.save(commit=False)]
        removed = [line for formset in formsets for line in formset.deleted_objects]
        if not change or form.has_changed() or lines or removed:
            save_bom(bom=form.instance, lines=lines, removed=removed, by=request.user)


class SubstituteInline(EditedInline):
    model = BomSubstitute
    fields = ["item", "qty", "priority"]
    autocomplete_fields = ["item"]
    related = ["bom_line__bom__item", "item"]
    tab = False


@admin.register(BomLine)
class BomLineAdmin(StructureAdmin):
    """Where an item is used; substitutes are on the line's page."""

    list_display = ["component", "bom", number("qty"), number("scrap"), "operation"]
    list_select_related = ["component", "bom__item"]
    export_related = ["bom__item"]
    search_fields = ["component__code", "component__name", "bom__item__code"]
    list_filter = ["bom__item__kind"]
    ordering = ["component__code", "pk"]
    autocomplete_fields = ["bom", "component"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("bom", "component"),
                    ("qty", "scrap"),
                    "operation",
                    ("effective_from", "effective_to"),
                ]
            },
        )
    ]
    inlines = [SubstituteInline]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change or form.has_changed():
            save_bom_line(line=obj, by=request.user)
