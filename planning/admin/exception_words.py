"""Codes of exceptions and reasons in words, for people; docs/model.md has what each of them means."""

_WORDS = {
    "ALTERNATE_USED": "Bought instead of made",
    "AT_RISK_MATERIAL": "Material comes too late",
    "AT_RISK_RESOURCE": "Stations are full",
    "AT_RISK_SKILL": "People are short",
    "AT_RISK_SUPPLIER_CAPACITY": "Supplier is full",
    "BELOW_LEAST_HEADS": "Fewer people than the least",
    "BELOW_SAFETY_STOCK": "Below safety stock",
    "BROKEN_SUPPLY_PATH": "Nothing can supply it",
    "CANCEL": "Cancel the order",
    "CASH_BELOW_FLOOR": "Cash below its floor",
    "EXCESS": "More than is needed",
    "EXPEDITE": "Expedite the order",
    "FENCE_VIOLATION": "Inside a fence",
    "FIRM_IN_FENCE": "Firm order inside the fence",
    "HIRE_DECISION_DUE": "Decide on hires",
    "INSUFFICIENT_LEAD_TIME": "Less time than the lead time",
    "INVALID_DATA": "Data to mend",
    "LATE_DEMAND": "Late delivery",
    "NOT_HONOURED": "Not used by this release",
    "PAST_DUE_DEMAND": "Delivery is past due",
    "PAST_DUE_ORDER": "Order is past due",
    "PIN_NOT_KEPT": "Pin not kept",
    "PLANNED_START": "Started later by choice",
    "PLAN_REPAIRED": "Repair of another plan",
    "RESCHEDULE_IN": "Order needed earlier",
    "RESCHEDULE_OUT": "Order needed later",
    "SHORTAGE": "Shortage",
    "SUBSTITUTE_USED": "Substitute taken",
    "UNPLANNED_DEMAND": "Cannot be delivered",
    "WAGE_MISSING": "Wage missing",
    "WORK_MOVED": "Work moved to later months",
}


def exception_words(code: str) -> str:
    """What a code says; an unknown one as it is written."""
    return _WORDS.get(code) or code.replace("_", " ").capitalize()
