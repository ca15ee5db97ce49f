"""How what is pegged to an order is laid out over its needs, by hand."""

from decimal import Decimal

from planning.engine.verify.substitutes import Need, really_taken


def need(item, qty, seq, *substitutes):
    instead = tuple((code, Decimal(full)) for code, full in substitutes)
    return Need(item=item, qty=Decimal(qty), seq=seq, substitutes=instead)


def pegged(**rows):
    """By item: (there from, quantity)."""
    return {item: [(at, Decimal(qty)) for at, qty in each] for item, each in rows.items()}


def shares(needs, moments, supplies):
    found = {}
    for item, qty, seq in really_taken(needs, moments, supplies):
        found[item, seq] = found.get((item, seq), 0) + qty
    return found


def test_without_a_pegged_substitute_the_components_are_taken():
    needs = [need("A", 4, 10, ("X", 8)), need("B", 1, 20)]
    assert shares(needs, [0, 1], pegged(A=[(0, 3)])) == {("A", 10): 4, ("B", 20): 1}


def test_a_substitute_replaces_what_is_lacking_and_no_more():
    needs = [need("A", 4, 10, ("X", 8))]
    assert shares(needs, [0], pegged(A=[(0, 3)], X=[(0, 5)])) == {("X", 10): 2, ("A", 10): 3}


def test_what_is_a_component_itself_stands_in_only_with_what_is_left_over():
    needs = [need("A", 4, 10, ("X", 4)), need("X", 2, 10)]
    found = shares(needs, [0, 0], pegged(A=[(0, 3)], X=[(0, 3)]))
    assert found == {("A", 10): 3, ("X", 10): 3}


def test_the_need_with_one_choice_gets_what_the_other_can_do_without():
    # both lack: A 5, B 3; X serves both, Y only A
    needs = [need("A", 5, 10, ("X", 5), ("Y", 5)), need("B", 3, 20, ("X", 3))]
    found = shares(needs, [0, 1], pegged(X=[(0, 3)], Y=[(0, 5)]))
    assert found == {("Y", 10): 5, ("X", 20): 3}


def test_needs_with_quantities_of_their_own_are_told_apart_by_what_fits():
    # X replaces at twice the quantity at 10 and at three times at 20: six of it are the two at 20
    needs = [need("A", 2, 10, ("X", 4)), need("A", 2, 20, ("X", 6))]
    found = shares(needs, [0, 1], pegged(A=[(0, 2)], X=[(0, 6)]))
    assert found == {("A", 10): 2, ("X", 20): 6}


def test_what_comes_later_serves_the_later_need():
    needs = [need("A", 3, 10, ("X", 3)), need("A", 3, 20, ("X", 3))]
    found = shares(needs, [5, 9], pegged(A=[(0, 3)], X=[(5, 1), (9, 2)]))
    assert found == {("X", 10): 1, ("A", 10): 2, ("X", 20): 2, ("A", 20): 1}


def test_what_comes_too_late_is_taken_all_the_same_so_that_it_is_named():
    needs = [need("A", 3, 10, ("X", 3))]
    assert shares(needs, [5], pegged(X=[(9, 3)])) == {("X", 10): 3}


def test_what_a_later_part_of_a_split_operation_takes_stands_in_for_nothing():
    # half of the order begins at 9: so do two of the four A and one of the two X, which alone replace B
    needs = [need("A", 4, 10), need("B", 2, 10, ("A", 2), ("X", 2))]
    found = shares(needs, [5, 5], pegged(A=[(0, 2), (9, 2)], X=[(0, 1), (9, 1)]))
    assert found == {("A", 10): 4, ("X", 10): 2}
