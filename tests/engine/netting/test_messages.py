"""Exception messages, each worked by hand."""

from decimal import Decimal

from planning.engine.lot_sizing import MICRO, LotSizing, OrderSizes
from planning.engine.netting import BomRow, ItemRow, MessageCode, QuantityRow, net, problem_of


def rows(item, quantities):
    return [QuantityRow(item=item, bucket=bucket, qty=Decimal(qty)) for bucket, qty in quantities.items()]


def messages(requirements, receipts, *, buckets=6, **item):
    """(code, bucket, to bucket, units) of one item."""
    item.setdefault("lead_time", 0)
    problem = problem_of(
        buckets=buckets,
        items=[ItemRow(code="A", **item)],
        requirements=rows("A", requirements),
        scheduled_receipts=rows("A", receipts),
    )
    return [
        (message.code, message.bucket, message.to_bucket, message.quantity // MICRO)
        for message in net(problem).messages_of("A")
    ]


def test_a_receipt_that_comes_when_it_is_needed_needs_nothing():
    assert messages({3: 10}, {3: 10}) == []


def test_a_receipt_is_pulled_in_to_where_stock_runs_out():
    # 4 in stock serve bucket 1 and not bucket 2
    found = messages({1: 4, 2: 3}, {5: 10}, on_hand=Decimal(4))

    assert found == [(MessageCode.RESCHEDULE_IN, 5, 2, 10), (MessageCode.EXCESS, 0, 6, 7)]


def test_a_receipt_is_put_off_to_where_stock_runs_out():
    assert messages({4: 10}, {1: 10}) == [(MessageCode.RESCHEDULE_OUT, 1, 4, 10)]


def test_of_two_receipts_the_second_waits_for_what_the_first_does_not_cover():
    assert messages({2: 10, 4: 5}, {2: 10, 3: 5}) == [(MessageCode.RESCHEDULE_OUT, 3, 4, 5)]


def test_a_receipt_that_nobody_needs_is_cancelled():
    found = messages({2: 10}, {2: 10, 3: 5})

    assert found == [(MessageCode.CANCEL, 3, None, 5), (MessageCode.EXCESS, 0, 6, 5)]


def test_a_receipt_beyond_the_horizon_can_be_pulled_in():
    assert (MessageCode.RESCHEDULE_IN, 7, 2, 10) in messages({2: 10}, {7: 10})


def test_a_receipt_in_the_past_is_named_and_taken_to_come_at_once():
    assert messages({0: 10}, {-2: 10}) == [(MessageCode.PAST_DUE, -2, 0, 10)]
    assert messages({3: 10}, {-2: 10}) == [
        (MessageCode.PAST_DUE, -2, 3, 10),
        (MessageCode.RESCHEDULE_OUT, -2, 3, 10),
    ]


def test_the_message_names_the_row_of_the_receipt():
    problem = problem_of(
        buckets=4,
        items=[ItemRow(code="A"), ItemRow(code="B")],
        requirements=rows("B", {3: 1}),
        scheduled_receipts=[*rows("B", {3: 1}), *rows("A", {1: 5})],
    )

    (cancel, excess) = net(problem).messages

    assert (cancel.item, cancel.code, cancel.row) == ("A", MessageCode.CANCEL, 1)
    assert (excess.item, excess.code, excess.row) == ("A", MessageCode.EXCESS, None)


def test_what_a_lead_time_does_not_allow_is_short_until_it_comes():
    # needed in 1, released in 0, there in 3
    assert messages({1: 10}, {}, lead_time=3) == [
        (MessageCode.SHORTAGE, 1, 3, 10),
        (MessageCode.INSUFFICIENT_LEAD_TIME, 1, 3, 10),
    ]


def test_what_comes_after_the_horizon_is_short_to_its_end():
    assert messages({1: 10}, {}, lead_time=9)[0] == (MessageCode.SHORTAGE, 1, 6, 10)


def test_falling_below_the_safety_stock_is_no_shortage():
    # 12 - 9 leaves 3 of 5 until the replenishment of bucket 1 comes in 2
    found = messages({1: 9}, {}, on_hand=Decimal(12), safety_stock=Decimal(5), lead_time=2)

    assert found == [
        (MessageCode.BELOW_SAFETY_STOCK, 1, 2, 2),
        (MessageCode.INSUFFICIENT_LEAD_TIME, 1, 2, 2),
    ]


def test_what_is_needed_before_the_fence_is_named():
    assert messages({0: 2, 1: 3}, {}, fence=3) == [
        (MessageCode.SHORTAGE, 0, 3, 5),
        (MessageCode.FENCE_VIOLATION, 0, 3, 5),
    ]


def test_stock_beyond_all_requirements_is_excess():
    assert messages({1: 2}, {}, on_hand=Decimal(9), safety_stock=Decimal(3)) == [
        (MessageCode.EXCESS, 0, 6, 4)
    ]


def test_rounding_up_an_order_is_no_excess():
    assert messages({1: 2}, {}, sizing=LotSizing(sizes=OrderSizes(minimum=50 * MICRO))) == []


def chain_problem(on_hand_of_bearing=0):
    """A truck in 1 week of a motor in 2 of a bearing in 4 and of a magnet in 3."""
    items = [
        ItemRow(code="truck", lead_time=1),
        ItemRow(code="motor", lead_time=2),
        ItemRow(code="bearing", lead_time=4, on_hand=Decimal(on_hand_of_bearing)),
        ItemRow(code="magnet", lead_time=3),
    ]
    bom = [
        BomRow(parent="truck", component="motor", qty=Decimal(1)),
        BomRow(parent="motor", component="bearing", qty=Decimal(2)),
        BomRow(parent="motor", component="magnet", qty=Decimal(4), offset=1),
    ]
    return problem_of(buckets=12, items=items, bom=bom, requirements=rows("truck", {5: 1}))


def test_the_longest_chain_of_lead_times_says_why_an_order_is_late():
    # 1 + 2 + 4 = 7 weeks for a need in week 5; by the magnet it is 1 + (2 - 1) + 3 = 5, in time
    run = net(chain_problem())

    assert [(link.code, link.lead_time) for link in run.chain("truck")] == [
        ("truck", 1),
        ("motor", 2),
        ("bearing", 4),
    ]
    (late,) = run.messages_of("truck")[1:]
    assert (late.code, late.bucket, late.to_bucket) == (MessageCode.INSUFFICIENT_LEAD_TIME, 5, 7)
    assert run.record("truck").late_buckets == 2
    # only the bearing should have been released in the past: in week 2 - 4
    assert run.past_due.tolist() == [0, 0, 2 * MICRO, 0]
    assert run.chain("magnet") == ()


def test_where_the_component_is_in_stock_the_order_is_in_time():
    run = net(chain_problem(on_hand_of_bearing=2))

    assert run.chain("truck") == ()
    assert len(run.messages) == 0


def test_messages_are_counted_by_code():
    counts = net(chain_problem()).messages.counts()

    assert {code: number for code, number in counts.items() if number} == {
        MessageCode.SHORTAGE: 3,
        MessageCode.INSUFFICIENT_LEAD_TIME: 3,
    }


def test_looking_at_a_finished_run_writes_nothing_into_it():
    run = net(chain_problem())
    for column in (*run.lateness, *run.state, *run.parts):
        column.setflags(write=False)

    assert run.record("truck").late_buckets == 2
    assert [message.code for message in run.messages_of("truck")] == [
        MessageCode.SHORTAGE,
        MessageCode.INSUFFICIENT_LEAD_TIME,
    ]
