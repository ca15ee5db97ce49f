"""The verifier of instances: a solution that breaks one rule is named by that rule, and by it alone."""

import copy

import pytest

from planning.engine.verify import instance as verify
from planning.engine.verify.instance import RULES, instance_objective, instance_violations

INSTANCE = {
    "name": "by hand",
    "objective": "total_weighted_tardiness",
    "resources": [
        {"id": "mill", "kind": "machine", "capacity": 1},
        {"id": "crew", "kind": "renewable", "capacity": 3},
        {"id": "steel", "kind": "nonrenewable", "capacity": 5},
    ],
    "jobs": [
        {"id": "J1", "release": 2, "due": 6, "weight": 3},
        {"id": "J2", "release": 0, "due": None, "weight": 1},
    ],
    "tasks": [
        {"id": "a", "job": "J1", "modes": [{"duration": 3, "demands": {"mill": 1, "steel": 2}}]},
        {
            "id": "b",
            "job": "J1",
            "modes": [
                {"duration": 4, "demands": {"crew": 2, "steel": 3}},
                {"duration": 2, "demands": {"crew": 3, "steel": 9}},
            ],
        },
        {"id": "c", "job": "J2", "modes": [{"duration": 2, "demands": {"mill": 1}}]},
        {"id": "d", "job": "J2", "modes": [{"duration": 5, "demands": {"crew": 2}}]},
        {"id": "f", "job": "J2", "modes": [{"duration": 0, "demands": {"crew": 2}}]},
    ],
    "precedences": [["a", "b", 1]],
    "setup_times": [["mill", "a", "c", 2]],
    "calendars": [],
}
# a [2, 5), b [6, 10) after a lag of 1, c [7, 9) after a setup of 2, d [10, 15) when the crew is back; f at 15
GOOD = [["a", 0, 2], ["b", 0, 6], ["c", 0, 7], ["d", 0, 10], ["f", 0, 15]]


def changed(task, mode, start):
    return [[task, mode, start] if row[0] == task else row for row in GOOD]


def rules_of(schedule):
    return {each.rule for each in instance_violations(INSTANCE, schedule)}


def test_a_schedule_by_hand_holds_and_is_worth_its_weighted_tardiness():
    assert instance_violations(INSTANCE, GOOD) == []
    # J1 ends at 10, is due at 6, and weighs 3; J2 is never late
    assert instance_objective(INSTANCE, GOOD) == 12
    assert instance_objective({**INSTANCE, "objective": "makespan"}, GOOD) == 15


BROKEN = {
    "released": [*changed("a", 0, 1)],
    "in_sequence": changed("b", 0, 5),
    "within_capacity": changed("d", 0, 9),
    "without_overlap": changed("f", 0, 8),
    "within_stock": changed("b", 1, 6),
    "set_up": changed("c", 0, 6),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_schedule_that_breaks_one_rule_is_named_by_it_alone(rule):
    assert rules_of(BROKEN[rule]) == {rule}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_that_is_taken_out_is_missed(rule, monkeypatch):
    monkeypatch.setattr(verify, "RULES", tuple(each for each in RULES if each.__name__ != rule))

    assert rules_of(BROKEN[rule]) == set()


def test_every_rule_has_a_schedule_that_breaks_it():
    assert {rule.__name__ for rule in RULES} == set(BROKEN)


def test_tasks_that_meet_on_a_machine_are_found():
    assert "within_capacity" in rules_of(changed("c", 0, 4))


@pytest.mark.parametrize(
    "schedule",
    [
        None,
        GOOD[:3],
        [*GOOD, ["a", 0, 2]],
        [*GOOD, ["e", 0, 2]],
        changed("a", 1, 2),
        changed("a", -1, 2),
        changed("a", 0, -1),
        changed("a", 0, 2.5),
        changed("a", True, 2),
        [*GOOD[:3], ["d", 0], GOOD[4]],
    ],
)
def test_rows_that_cannot_be_read_are_told_and_nothing_else(schedule):
    assert rules_of(schedule) == {"unreadable"}


def test_the_documents_are_left_as_they_are():
    kept = copy.deepcopy((INSTANCE, GOOD))

    instance_violations(INSTANCE, GOOD)

    assert kept == (INSTANCE, GOOD)
