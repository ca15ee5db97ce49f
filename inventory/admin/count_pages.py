"""The page of a cycle count: a grid to count in, files to carry about, and the acts of the sheet."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from inventory.admin.exports import FORMATS, table_response
from inventory.errors import InvalidCount, InventoryError, Issue, NotYetSure
from inventory.models import CountStatus, CycleCount, CycleCountLine
from inventory.models.fields import plain, read_number
from inventory.selectors import list_count_lines
from inventory.services import Counted, cancel_count, post_count, record_counts, start_count, upload_counts
from inventory.services.count_sheets import MAX_BYTES
from inventory.services.posting_counts import summarize

ROWS_PER_PAGE = 200
SHEET = ("item", "name", "location", "lot", "uom", "expected_qty", "counted_qty", "difference", "value")
SHOWN_ISSUES = 20


class CountPages:
    """Views of the admin of cycle counts; every change is a POST to a service."""

    admin_site: Any
    opts: Any
    may: Callable[[HttpRequest, str], bool]
    message_user: Callable[..., None]
    has_view_permission: Any

    def sheet_page(self, request: HttpRequest, key: int, extra_context: Any = None) -> HttpResponse:
        """The sheet: what is to be counted, what was found, what it is worth."""
        count = self._count(request, key)
        return self._page(request, count, {})

    def sheet(self, request: HttpRequest, key: int, file_format: str) -> HttpResponse:
        """The sheet as a file: filled in, it can be sent back."""
        count = self._count(request, key)
        if file_format not in FORMATS:
            raise Http404
        rows = ([_cells(row)[name] for name in SHEET] for row in list_count_lines().filter(count=count))
        return table_response(count.ref, SHEET, rows, file_format)

    def act(self, request: HttpRequest, key: int, act: str) -> HttpResponse:
        """Start, take counts down, read a file, post, cancel."""
        return require_POST(self._act)(request, key, act)

    def _act(self, request: HttpRequest, key: int, act: str) -> HttpResponse:
        count = self._count(request, key)
        if act not in ACTS:
            raise Http404
        route, perform = ACTS[act]
        if not self.may(request, route):
            raise PermissionDenied
        try:
            done = perform(request, count)
        except NotYetSure as error:
            return self._page(
                request, count, {"doubts": error.issues[:SHOWN_ISSUES], "more": len(error.issues)}
            )
        except InvalidCount as error:
            sent = {name: value for name, value in request.POST.items() if name.startswith("qty_")}
            context = {"refused": error.issues[:SHOWN_ISSUES], "sent": sent}
            return self._page(request, count, context)
        except InventoryError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, done, messages.SUCCESS)
        address = reverse("admin:inventory_cyclecount_change", args=[key])
        page = request.POST.get("page", "")
        return HttpResponseRedirect(f"{address}?page={page}" if page.isdecimal() else address)

    def _count(self, request: HttpRequest, key: int) -> CycleCount:
        if not self.has_view_permission(request):
            raise PermissionDenied
        count = CycleCount.objects.select_related("opened_by", "ended_by").filter(pk=key).first()
        if count is None:
            raise Http404
        return count

    def _page(self, request: HttpRequest, count: CycleCount, context: dict[str, Any]) -> HttpResponse:
        count.refresh_from_db()
        lines = list(list_count_lines().filter(count=count))
        page = Paginator(lines, ROWS_PER_PAGE).get_page(request.GET.get("page") or request.POST.get("page"))
        sent = context.get("sent", {})
        may_count = self.may(request, "cycle-count-counts")
        common = {
            **self.admin_site.each_context(request),
            "title": count.ref,
            "subtitle": None,
            "opts": self.opts,
            "count": count,
            "status": count.get_status_display(),
            "summary": summarize(lines),
            "rows": [_shown(row, count, sent) for row in page.object_list],
            "page": page,
            "tolerance": plain(count.tolerance * 100),
            "is_draft": may_count and count.status == CountStatus.DRAFT,
            "is_counting": may_count and count.status == CountStatus.COUNTING,
            "acts": {name: reverse("admin:inventory_cyclecount_act", args=[count.pk, name]) for name in ACTS},
            "downloads": [
                (name, reverse("admin:inventory_cyclecount_sheet", args=[count.pk, name])) for name in FORMATS
            ],
            "history": reverse("admin:inventory_cyclecount_history", args=[count.pk]),
        }
        return TemplateResponse(request, "admin/inventory/count.html", common | context)


def _start(request: HttpRequest, count: CycleCount) -> str:
    start_count(ref=count.ref, now=timezone.now(), by=request.user)
    return f"{count.ref}: what the ledger expects is frozen. Count."


def _cancel(request: HttpRequest, count: CycleCount) -> str:
    cancel_count(ref=count.ref, now=timezone.now(), by=request.user)
    return f"{count.ref} was cancelled; the ledger is as it was."


def _record(request: HttpRequest, count: CycleCount) -> str:
    """Only what was changed on the page is counted now: the rest keeps the moment it was counted at."""
    counted, issues = [], []
    for row in list_count_lines().filter(count=count):
        text = request.POST.get(f"qty_{row.pk}", "").strip()
        if not text:
            continue
        try:
            qty = read_number(text)
        except ValueError:
            issues.append(Issue(str(row), f"A number like 1234.5 is expected, not {text[:40]}."))
            continue
        if qty != row.counted_qty:
            counted.append(
                Counted(item=row.item.code, location=row.location, lot=row.lot, qty=qty, path=str(row))
            )
    if issues:
        raise InvalidCount(issues)
    if counted:
        record_counts(ref=count.ref, counted=counted, now=timezone.now(), by=request.user)
    return f"{count.ref}: {len(counted)} lines counted."


def _upload(request: HttpRequest, count: CycleCount) -> str:
    upload = request.FILES.get("file")
    if upload is None:
        raise InvalidCount([Issue("File", "Choose the sheet that was filled in.")])
    content = upload.read(MAX_BYTES + 1)
    _, lines = upload_counts(
        ref=count.ref, name=upload.name or "", content=content, now=timezone.now(), by=request.user
    )
    return f"{count.ref}: {lines} lines counted."


def _post(request: HttpRequest, count: CycleCount) -> str:
    post_count(
        ref=count.ref,
        accept_differences="accept_differences" in request.POST,
        leave_uncounted="leave_uncounted" in request.POST,
        now=timezone.now(),
        by=request.user,
    )
    return f"{count.ref} was posted: the ledger is what was counted."


ACTS: dict[str, tuple[str, Callable[[HttpRequest, CycleCount], str]]] = {
    "start": ("cycle-count-start", _start),
    "record": ("cycle-count-counts", _record),
    "upload": ("cycle-count-counts", _upload),
    "post": ("cycle-count-post", _post),
    "cancel": ("cycle-count-cancel", _cancel),
}


def _cells(row: CycleCountLine) -> dict[str, Any]:
    difference = row.difference
    return {
        "item": row.item.code,
        "name": row.item.name,
        "location": row.location,
        "lot": row.lot,
        "uom": row.item.uom.code,
        "expected_qty": row.expected_qty,
        "counted_qty": row.counted_qty,
        "difference": difference,
        "value": None if difference is None else difference * (row.unit_value or 0),
    }


def _shown(row: CycleCountLine, count: CycleCount, sent: dict[str, str]) -> dict[str, Any]:
    """A line as the page shows it; what was typed and refused stays where it was typed."""
    cells = _cells(row)
    counted = "" if row.counted_qty is None else plain(row.counted_qty)
    difference = cells["difference"]
    return cells | {
        "pk": row.pk,
        "expected": plain(row.expected_qty),
        "book": "" if row.book_qty is None else plain(row.book_qty),
        "counted": sent.get(f"qty_{row.pk}", counted),
        "differs": "" if difference is None else f"{'+' if difference > 0 else ''}{plain(difference)}",
        "worth": "" if not difference else f"{cells['value']:+,.2f}",
        "is_outside": not row.is_within(count.tolerance),
        "counted_at": row.counted_at,
        "counted_by": row.counted_by,
    }
