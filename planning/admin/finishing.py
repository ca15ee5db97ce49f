"""A build that a planner ends early, in words."""

from planning.models import PlanRun


def finishing_words(run: PlanRun) -> str:
    """Who asked a build to finish, while it has not yet."""
    if run.finish_requested_at is None:
        return ""
    by = f" by {run.finish_requested_by}" if run.finish_requested_by else ""
    return f"Asked to finish{by}: the best plan so far is taken."


def cut_short_words(run: PlanRun) -> str:
    """What ended the search before its work was done."""
    if run.finish_requested_at is None:
        return "a clock ended the build"
    by = run.finish_requested_by or "somebody"
    return f"{by} finished the build early"
