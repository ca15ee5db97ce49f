"""Every problem of a file at once: wrong values and disagreements between the rows that have none."""

import pytest

from planning.engine.errors import InvalidFactory
from planning.engine.factory_codec import factory_from_json
from tests.engine.builders import factory_document


def problems(document):
    with pytest.raises(InvalidFactory) as refused:
        factory_from_json(document)
    return {issue.path: issue.message for issue in refused.value.issues}


def test_a_wrong_value_does_not_hide_an_unknown_component():
    document = factory_document()
    document["stock"] = [{"item": "PART", "qty": -1}]
    document["bom"].append({"parent": "DRIVE", "component": "NOBODY", "qty": 1})
    place = f"/bom/{len(document['bom']) - 1}/component"

    found = problems(document)

    assert set(found) == {"/stock/0/qty", place}
    assert "unknown item NOBODY" in found[place]


def test_rows_set_aside_do_not_shift_the_places_of_others():
    # given a wrong first row and an unknown item in the third
    document = factory_document()
    document["stock"] = [
        {"item": "PART", "qty": -1},
        {"item": "PART", "qty": 1},
        {"item": "NOBODY", "qty": 1},
    ]

    assert set(problems(document)) == {"/stock/0/qty", "/stock/2/item"}


def test_what_refers_to_a_row_with_a_wrong_value_is_no_problem_of_its_own():
    document = factory_document()
    part = next(i for i, row in enumerate(document["items"]) if row["code"] == "PART")
    document["items"][part]["kind"] = "borrow"

    assert set(problems(document)) == {f"/items/{part}/kind"}


def test_an_unknown_key_that_looks_like_a_code_is_refused_alone():
    document = factory_document()
    document["stock"] = [{"item": "PART", "qty": 1, "code": "X"}]

    assert set(problems(document)) == {"/stock/0/code"}
