"""Tables in the admin: a file is tried, what it would do is shown, then it is applied; and data checks."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminFileFieldWidget

from inventory.models import (
    BillOfMaterials,
    Item,
    ItemSource,
    PurchaseOrder,
    StockMovement,
    Supplier,
)
from orders.models import Customer, SalesOrder
from planning.admin.rights import require
from planning.engine.data_checks import Finding
from planning.errors import InvalidTable, NoFactory
from planning.models import Absence, Downtime, FirmOrder, HiringDecision, Operation, PinnedOperation
from planning.selectors.data_checks import Rows, find_rows, list_findings
from planning.services.tables import (
    FORMATS,
    KINDS,
    MAX_BYTES,
    MAX_ROWS,
    Kind,
    export_table,
    import_table,
    may_export,
    may_import,
    template,
)

SHOWN = 300
LISTS: dict[str, type] = {
    "items": Item,
    "suppliers": Supplier,
    "sources": ItemSource,
    "bom": BillOfMaterials,
    "routings": Operation,
    "stock": StockMovement,
    "purchase_orders": PurchaseOrder,
    "firm_orders": FirmOrder,
    "downtimes": Downtime,
    "absences": Absence,
    "pinned_operations": PinnedOperation,
    "hiring_decisions": HiringDecision,
    "customers": Customer,
    "sales_orders": SalesOrder,
}


def offer_tables() -> None:
    """A way from every list to the table of its rows."""
    for kind, model in LISTS.items():
        listed: Any = admin.site.get_model_admin(model)
        listed.table_kind = kind
        listed.list_before_template = "admin/planning/table_link.html"


class FileForm(forms.Form):
    """A table from somebody's disk."""

    file = forms.FileField(widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".xlsx,.csv"}))


class TablePages:
    """Views of the item admin that are about tables and checks as a whole."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages = [
            path("tables/", wrap(self.tables), name="planning_tables"),
            path("tables/<slug:kind>.<slug:ext>", wrap(self.table_file), name="planning_table_file"),
            path("tables/empty/<slug:kind>.<slug:ext>", wrap(self.empty_file), name="planning_table_empty"),
            path("data-checks/", wrap(self.data_checks), name="planning_data_checks"),
        ]
        return pages + super().get_urls()  # type: ignore[misc]

    def tables(self, request: HttpRequest) -> HttpResponse:
        """Choose a kind; take its rows away; try a file and apply it."""
        kinds = [kind for kind in KINDS.values() if may_export(request.user, kind)]
        if not kinds:
            raise PermissionDenied
        name = request.POST.get("kind") or request.GET.get("kind") or kinds[0].name
        kind = next((each for each in kinds if each.name == name), None)
        if kind is None:
            raise Http404
        context: dict[str, Any] = {"kinds": kinds, "kind": kind, "can_import": may_import(request.user, kind)}
        if request.method == "POST":
            context |= _bring(request, kind)
        return self._table_page(request, "Tables", "admin/planning/tables.html", context | _downloads(kind))

    def table_file(self, request: HttpRequest, kind: str, ext: str) -> HttpResponse:
        """The stored rows of a kind."""
        found = self._kind(request, kind, ext)
        try:
            return _attachment(export_table(kind=found.name, file_format=ext), found.name, ext)
        except NoFactory as error:
            raise Http404(str(error)) from error

    def empty_file(self, request: HttpRequest, kind: str, ext: str) -> HttpResponse:
        """The columns of a kind."""
        found = self._kind(request, kind, ext)
        return _attachment(template(kind=found.name, file_format=ext), f"{found.name}-empty", ext)

    def data_checks(self, request: HttpRequest) -> HttpResponse:
        """What is wrong with bills and sources, with a way to each row."""
        require(request, "data-checks")
        try:
            findings = list_findings()
        except NoFactory as error:
            return self._table_page(
                request, "Data checks", "admin/planning/data_checks.html", {"error": str(error)}
            )
        rows = find_rows(findings)
        context = {
            "errors": sum(1 for finding in findings if finding.severity == "error"),
            "warnings": sum(1 for finding in findings if finding.severity == "warning"),
            "hints": sum(1 for finding in findings if finding.severity == "info"),
            "findings": [(finding, _link(finding, rows)) for finding in findings[:SHOWN]],
            "more": max(0, len(findings) - SHOWN),
        }
        return self._table_page(request, "Data checks", "admin/planning/data_checks.html", context)

    def _kind(self, request: HttpRequest, name: str, ext: str) -> Kind:
        kind = KINDS.get(name)
        if kind is None or ext not in FORMATS:
            raise Http404
        if not may_export(request.user, kind):
            raise PermissionDenied
        return kind

    def _table_page(
        self, request: HttpRequest, title: str, page: str, context: dict[str, Any]
    ) -> HttpResponse:
        common = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": None,
            "opts": self.opts,
        }
        return TemplateResponse(request, page, common | context)


def _bring(request: HttpRequest, kind: Kind) -> dict[str, Any]:
    """Try the file that was sent, or apply the one that was tried."""
    if not may_import(request.user, kind):
        raise PermissionDenied
    apply = "apply" in request.POST
    content, name = _sent(request)
    if content is None:
        return {"problem": f"Choose an xlsx or csv file of at most {MAX_BYTES:,} bytes."}
    try:
        preview = import_table(
            kind=kind.name, content=content, now=timezone.now(), by=request.user, dry_run=not apply
        )
    except InvalidTable as error:
        issues = list(error.issues)
        return {"file_name": name, "issues": issues[:SHOWN], "issue_count": len(issues)}
    except NoFactory as error:
        return {"problem": str(error)}
    moved = preview.moved
    return {
        "file_name": name,
        "preview": preview,
        "moved": moved[:SHOWN],
        "more": max(0, len(moved) - SHOWN),
        "content": "" if apply else base64.b64encode(content).decode(),
    }


def _sent(request: HttpRequest) -> tuple[bytes | None, str]:
    """The bytes of the file, uploaded now or carried by the page that showed what it would do."""
    file = request.FILES.get("file")
    if file is not None:
        too_large = (file.size or 0) > MAX_BYTES
        return (None if too_large else file.read()), (file.name or "")[:100]
    try:
        content = base64.b64decode(request.POST.get("content", ""), validate=True)
    except (binascii.Error, ValueError):
        return None, ""
    return content or None, request.POST.get("file_name", "")[:100]


def _downloads(kind: Kind) -> dict[str, Any]:
    return {
        "files": [(ext, reverse("admin:planning_table_file", args=[kind.name, ext])) for ext in FORMATS],
        "empty_files": [
            (ext, reverse("admin:planning_table_empty", args=[kind.name, ext])) for ext in FORMATS
        ],
        "columns": kind.columns,
        "file_field": FileForm()["file"],
        "max_rows": f"{MAX_ROWS:,}",
        "max_bytes": MAX_BYTES // 1_000_000,
    }


def _attachment(content: bytes, name: str, ext: str) -> HttpResponse:
    response = HttpResponse(content, content_type=FORMATS[ext])
    response["Content-Disposition"] = f'attachment; filename="{name}.{ext}"'
    return response


def _link(finding: Finding, rows: Rows) -> str:
    """The page on which a finding is mended."""
    entity, item = finding.entity, finding.entity.partition("/")[0]
    ways: Sequence[tuple[str, str, dict[str, int], str]] = (
        ("/bom", "inventory_bomline", rows.lines, entity),
        ("/sources", "inventory_itemsource", rows.sources, entity),
        ("", "inventory_item", rows.items, entity if entity in rows.items else item),
    )
    for section, page, keys, key in ways:
        if finding.path.startswith(section) and key in keys:
            return reverse(f"admin:{page}_change", args=[keys[key]])
    return ""
