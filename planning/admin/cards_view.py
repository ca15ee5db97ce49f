"""The tab "Hiring": what each block of hires is worth, to be approved, locked or refused with one click."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from planning.admin.tabs import NUMBER, Tab, column
from planning.errors import PlanningError
from planning.models import CardsStatus, FactorySettings, PlanRun, Skill, Verdict
from planning.selectors.cards import add_decisions, find_cards, list_cards
from planning.services.hiring import decide_hires, take_back
from planning.tasks import submit_cards

SLIPS_SHOWN = 3
SOON_DAYS = 30
DONE = {Verdict.APPROVED: "approved", Verdict.LOCKED: "locked", Verdict.REFUSED: "refused"}


def _context(run: PlanRun) -> dict[str, Any]:
    asked = find_cards(run.pk)
    cards: list[Any] = list(list_cards(run.pk).only("decide_by", "heads", "skill", "month"))
    add_decisions(cards)
    factory = FactorySettings.objects.only("currency").first()
    soon = [row for row in cards if run.as_of and (row.decide_by - run.as_of).days <= SOON_DAYS]
    return {
        "asked": asked,
        "is_under_way": asked is not None and asked.status in (CardsStatus.WAITING, CardsStatus.WORKING),
        "currency": factory.currency if factory else "",
        "heads": sum(row.heads for row in cards),
        "blocks": len(cards),
        "soon": len(soon),
        "soon_open": sum(row.decision is None for row in soon),
        "soon_days": SOON_DAYS,
    }


def _prepare(user: Any, cards: list[Any]) -> None:
    add_decisions(cards)
    names = dict(Skill.objects.values_list("code", "name"))
    for card in cards:
        card.name = names.get(card.skill) or card.skill
        card.shown_slips = card.slips[:SLIPS_SHOWN]
        card.more_slips = len(card.slips) - len(card.shown_slips)
        card.shown_never = card.never_slips[:SLIPS_SHOWN]
        card.worth_words, card.never_words = _words(card.worth), _words(card.never_worth)
        decision = card.decision
        card.wants_more = decision and decision.verdict == Verdict.APPROVED and decision.heads < card.heads
        card.is_decided_after = decision and card.run.built_at and decision.decided_at > card.run.built_at
        card.is_cheaper_without = card.worth < 0 > card.never_worth and not card.never_slips
        card.more_never = len(card.never_slips) - len(card.shown_never)


def _words(money: float) -> str:
    if round(money) == 0:
        return "costs the same"
    return f"costs {money:,.0f} more" if money > 0 else f"costs {-money:,.0f} less"


def _slips(name: str) -> Callable[[Any], str]:
    def read(row: Any) -> str:
        return "; ".join(f"{each['name']}: {each['days']:g} days" for each in getattr(row, name))

    return read


HIRING = Tab(
    name="hiring",
    label="Hiring",
    list_rows=lambda run: list_cards(run.pk).select_related("run").defer("run__factory_json"),
    prepare=_prepare,
    context=lambda run, wages, query: _context(run),
    template="hiring",
    route="plan-hiring-cards",
    columns=(
        column("skill"),
        column("month"),
        column("heads", css=NUMBER),
        column("requisition_by"),
        column("decide_by"),
        column("worth", css=NUMBER, places=0),
        column("money", css=NUMBER, places=0),
        column("late_cost", css=NUMBER, places=0),
        column("missing_head_months", css=NUMBER, places=2),
        column("break_even_cost", css=NUMBER, places=0),
        column("slips", read=_slips("slips")),
        column("never_worth", css=NUMBER, places=0),
        column("never_slips", read=_slips("never_slips")),
    ),
)


class HiringPages:
    """Part of the admin of plans: who may decide on hires over the API may do it here."""

    may: Callable[..., bool]
    message_user: Any
    has_view_permission: Any

    @method_decorator(require_POST)
    def decide(self, request: HttpRequest, version: int) -> HttpResponse:
        """Decide on the hires of a skill in a month, or take the decision back."""
        self._require_right(request, "hiring-decision-list")
        skill, month = request.POST.get("skill", ""), request.POST.get("month", "")
        verdict, heads = request.POST.get("verdict", ""), request.POST.get("heads", "")
        try:
            if verdict == "undo":
                is_done = take_back(skill=skill, month=month, seen=_seen(request))
                words = f"{skill} in {month}: open again."
                if not is_done:
                    words = f"Nothing was decided on {skill} in {month}."
            elif not heads.isdecimal() or len(heads) > 6:
                is_done, words = False, "heads: a whole number is expected."
            else:
                row, _ = decide_hires(
                    skill=skill,
                    month=month,
                    heads=int(heads),
                    verdict=verdict,
                    note=None,
                    now=timezone.now(),
                    by=request.user,
                    seen=_seen(request),
                )
                done = DONE[Verdict(row.verdict)]
                is_done, words = True, f"{row.heads} {skill} in {month} {done}: the next plan keeps to it."
        except PlanningError as error:
            is_done, words = False, str(error)
        self.message_user(request, words, messages.SUCCESS if is_done else messages.ERROR)
        return _back(
            version, card=request.POST.get("card", "") if is_done else "", page=request.POST.get("page", "")
        )

    @method_decorator(require_POST)
    def work_out_cards(self, request: HttpRequest, version: int) -> HttpResponse:
        """Have the cards worked out again."""
        self._require_right(request, "plan-hiring-cards")
        try:
            submit_cards(version=version, now=timezone.now())
        except PlanningError as error:
            self.message_user(request, str(error), messages.ERROR)
        return _back(version)

    def _require_right(self, request: HttpRequest, route: str) -> None:
        if not (self.has_view_permission(request) and self.may(request, route)):
            raise PermissionDenied


def _seen(request: HttpRequest) -> tuple[str, ...]:
    """The version of the decision that the page showed, if it showed one."""
    seen = request.POST.get("seen", "")
    return (seen,) if seen else ()


def _back(version: int, *, card: str = "", page: str = "") -> HttpResponse:
    """The cards again, where the one that was decided on stands; a refusal is read at their top."""
    address = reverse("admin:planning_planrun_results", args=[version, "hiring"])
    if page.isdecimal():
        address += f"?page={page}"
    return HttpResponseRedirect(f"{address}#card-{card}" if card.isdecimal() else address)
