"""The parallel schedule generator: time moves from event to event, free stations go to urgent work first.

A minute at which something may happen is marked; between events nothing changes. Cost: O(operations × log)
and one look at every queue per event. The functions are one file because compiled code is kept until its own
file changes.
"""

from math import ceil, log

from planning.engine.compiled import compiled_without_arrays as compiled
from planning.engine.shopfloor.arrays import Run, Table

MICRO = 1_000_000
DAY = 1_440
RETRY = 480
HEAD_START = 0.3  # share of a month's minutes that work which can wait may take at once
BLOCK = 1_024  # minutes whose marks are counted together
NOISE = 1e-6
FAR_UNIT = 10**12  # beyond every floor of a learning curve
COUNT, LOOK, FAMILIES, FAMILY_MINUTES, END, HORIZON_MONTHS = range(6)
HEADS, ARRIVALS, ENDINGS = -3, -2, -1
NO_WAY, NEVER = -1, -2
ANYBODY = 10**9


# --- heaps: the smallest (key, value) first ---


@compiled
def push(run: Run, number: int, key: int, value: int) -> None:
    first, at = run.heaps[number].first, run.heaps[number].size
    run.heaps[number].size = at + 1
    while at > 0:
        above = (at - 1) >> 1
        other = run.heap[first + above]
        if other.key < key or (other.key == key and other.value <= value):
            break
        run.heap[first + at].key, run.heap[first + at].value = other.key, other.value
        at = above
    run.heap[first + at].key, run.heap[first + at].value = key, value


@compiled
def drop(run: Run, number: int) -> None:
    """Take the first away."""
    first, size = run.heaps[number].first, run.heaps[number].size - 1
    run.heaps[number].size = size
    key, value = run.heap[first + size].key, run.heap[first + size].value
    at = 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size:
            left, right = run.heap[first + below], run.heap[first + below + 1]
            if right.key < left.key or (right.key == left.key and right.value < left.value):
                below += 1
        other = run.heap[first + below]
        if key < other.key or (key == other.key and value <= other.value):
            break
        run.heap[first + at].key, run.heap[first + at].value = other.key, other.value
        at = below
    run.heap[first + at].key, run.heap[first + at].value = key, value


# --- calendars and events ---


@compiled
def row_at(run: Run, calendar: int, minute: int) -> int:
    """The last interval that begins by ``minute``; the one before the first where none does."""
    low, high = run.calendars[calendar].first, run.calendars[calendar].end
    while low < high:
        middle = (low + high) >> 1
        if minute < run.intervals[middle].start:
            high = middle
        else:
            low = middle + 1
    return low - 1


@compiled
def opens_at(run: Run, calendar: int, minute: int) -> int:
    """The first open minute at or after ``minute``; -1: never."""
    row = row_at(run, calendar, minute)
    if row >= run.calendars[calendar].first and minute < run.intervals[row].end:
        return minute
    return run.intervals[row + 1].start if row + 1 < run.calendars[calendar].end else -1


@compiled
def is_open_at(run: Run, calendar: int, minute: int) -> bool:
    row = row_at(run, calendar, minute)
    return row >= run.calendars[calendar].first and minute < run.intervals[row].end


@compiled
def open_before(run: Run, calendar: int, minute: int) -> int:
    row = row_at(run, calendar, minute)
    if row < run.calendars[calendar].first:
        return 0
    interval = run.intervals[row]
    return interval.before + min(minute, interval.end) - interval.start


@compiled
def end_of(run: Run, calendar: int, start: int, work: int) -> int:
    """When ``work`` open minutes have passed since ``start``; -1: never."""
    if work == 0:
        return start
    low, high = row_at(run, calendar, start), run.calendars[calendar].end
    if low < run.calendars[calendar].first:
        target, low = work, run.calendars[calendar].first
    else:
        here = run.intervals[low]
        target = here.before + min(start, here.end) - here.start + work
        if target <= here.before + here.end - here.start:
            return here.start + target - here.before
    if low == high:
        return -1
    last = run.intervals[high - 1]
    if target > last.before + last.end - last.start:
        return -1
    while low < high:
        middle = (low + high) >> 1
        if run.intervals[middle].before < target:
            low = middle + 1
        else:
            high = middle
    return run.intervals[low - 1].start + target - run.intervals[low - 1].before


@compiled
def mark(run: Run, minute: int) -> None:
    """Something may happen at ``minute``."""
    if minute < run.numbers[END] and run.marks[minute] == 0:
        run.marks[minute] = 1
        run.blocks[minute // BLOCK] += 1


@compiled
def next_mark(run: Run, minute: int) -> int:
    """The first marked minute at or after ``minute``, whose mark is taken away; -1: none."""
    block = minute // BLOCK
    while block < run.blocks.size:
        if run.blocks[block] > 0:
            for at in range(max(minute, block * BLOCK), min((block + 1) * BLOCK, run.marks.size)):
                if run.marks[at]:
                    run.marks[at] = 0
                    run.blocks[block] -= 1
                    return at
        block += 1
    return -1


@compiled
def last_by(starts: Table, minute: int) -> int:
    """The last of ``starts`` that is not after ``minute``; -1: none."""
    low, high = 0, starts.size
    while low < high:
        middle = (low + high) >> 1
        if minute < starts[middle]:
            high = middle
        else:
            low = middle + 1
    return low - 1


@compiled
def month_at(run: Run, minute: int) -> int:
    return max(last_by(run.month_starts, minute), 0)


@compiled
def open_minutes_in(run: Run, calendar: int, start: int, end: int, month: int) -> int:
    """Open minutes of ``[start, end)`` in ``month``."""
    begin, stop = max(start, run.month_starts[month]), end
    if month + 1 < run.month_starts.size:
        stop = min(end, run.month_starts[month + 1])
    return open_before(run, calendar, stop) - open_before(run, calendar, begin)


# --- minutes of work ---


@compiled
def factors_up_to(run: Run, number: int, units: float) -> float:
    """Sum of the learning factors of the first ``units``: tabled, and the area under the curve beyond."""
    curve = run.curves[number]
    whole, size = int(units), curve.size
    if whole < size:
        here = run.sums[curve.first + whole]
        return here + (units - whole) * (run.sums[curve.first + whole + 1] - here)
    last, rest = run.sums[curve.first + size], units - size
    if rest <= 0:
        return last
    if curve.flat >= 0 and size >= curve.flat:
        return last + rest * (curve.flat / curve.reference) ** curve.exponent
    curved = units if curve.flat < 0 else min(units, float(curve.flat))
    power, scale = curve.exponent + 1.0, curve.reference**-curve.exponent
    if abs(power) < 1e-12:
        area = scale * log((curved + 0.5) / (size + 0.5))
    else:
        area = scale * ((curved + 0.5) ** power - (size + 0.5) ** power) / power
    far = FAR_UNIT if curve.flat < 0 else curve.flat
    return last + area + (units - curved) * (far / curve.reference) ** curve.exponent


@compiled
def attended_minutes(run: Run, op: int, option: int, setup: float) -> int:
    """Minutes that people and station work, with ``setup`` hours."""
    stream = run.streams[run.ops[op].stream]
    curve = run.steps[run.ops[op].step].curve
    factors = stream.quantity / MICRO
    if curve >= 0:
        lot = run.lots[stream.lot]
        done = lot.first_unit if lot.first_unit >= 0 else run.items[lot.item].made
        factors = factors_up_to(run, curve, (done + lot.quantity) / MICRO)
        factors = (factors - factors_up_to(run, curve, done / MICRO)) * (stream.quantity / lot.quantity)
    return max(0, ceil((setup + run.options[option].run * factors) * 60 - NOISE))


@compiled
def unattended_minutes(run: Run, op: int, option: int) -> int:
    each = run.steps[run.ops[op].step].unattended
    if each == 0:
        return 0
    batch = run.centres[run.options[option].centre].batch
    return ceil(-(-run.streams[run.ops[op].stream].quantity // batch) * each - NOISE)


@compiled
def usual_minutes(run: Run, op: int) -> int:
    """About what ``op`` takes at its routing's own centre."""
    step = run.steps[run.ops[op].step]
    units = run.streams[run.ops[op].stream].quantity / MICRO
    return int(60 * (step.setup / run.options[step.first].rate + run.options[step.first].run * units))


@compiled
def change_hours(run: Run, centre: int, before: int, after: int) -> float:
    """Listed hours from one family to another; -1: not listed."""
    families = run.numbers[FAMILIES]
    wanted = (centre * families + before) * families + after
    low, high = 0, run.changes.size
    while low < high:
        middle = (low + high) >> 1
        if run.changes[middle].key < wanted:
            low = middle + 1
        else:
            high = middle
    if low < run.changes.size and run.changes[low].key == wanted:
        return float(run.changes[low].hours)
    return -1.0


@compiled
def setup_hours(run: Run, number: int, option: int, before: int) -> float:
    """Hours of setup on a station that did family ``before`` last (-1: none)."""
    step = run.steps[number]
    hours = step.setup
    if step.family >= 0 and before >= 0:
        listed = change_hours(run, run.options[option].centre, before, step.family)
        if listed >= 0:
            hours = listed
        elif step.family == before:
            hours = 0.0
    return float(hours / run.options[option].rate)


# --- orders: their place in line, their ends ---


@compiled
def call(run: Run, minute: int, number: int) -> None:
    """An operation arrives at ``minute``; urgent work is expected from now on."""
    push(run, ARRIVALS, minute, number)
    mark(run, minute)
    op = run.ops[number]
    if op.step < 0 or op.latest > minute:
        return
    step = run.steps[op.step]
    if step.first < step.end:
        expect(run, run.options[step.first].centre, minute, number)
        if step.skill >= 0:
            expect(run, run.centres.size + step.skill, minute, number)


@compiled
def expect(run: Run, row: int, minute: int, op: int) -> None:
    at, head = run.expected[row].tail, run.expected[row].head
    while at > head and run.coming[at - 1].minute > minute:
        run.coming[at].minute, run.coming[at].op = run.coming[at - 1].minute, run.coming[at - 1].op
        at -= 1
    run.coming[at].minute, run.coming[at].op = minute, op
    run.expected[row].tail += 1


@compiled
def resolve(run: Run, number: int, minute: int) -> None:
    """One thing that an operation waits for is there at ``minute``."""
    op = run.ops[number]
    op.ready = max(op.ready, minute)
    op.pending -= 1
    if op.pending == 0:
        call(run, op.ready, number)


@compiled
def complete(run: Run, stream: int, minute: int) -> None:
    """A stream is done at ``minute``, and its lot with the last of them."""
    if minute >= run.numbers[END]:
        return  # beyond the days that are planned at all: it never comes
    lot = run.lots[run.streams[stream].lot]
    lot.left -= 1
    lot.done = max(lot.done, minute)
    if lot.left == 0:
        for row in range(lot.uses, lot.uses_end):
            resolve(run, run.uses[row], lot.done)


@compiled
def keeps_order(run: Run, number: int, now: int) -> bool:
    """Of an item's orders that begin in one minute, that with the smaller id stands first on the learning
    curve, so it must not come after the other here.
    """
    lot = run.lots[number]
    item = run.items[lot.item]
    return lot.first_unit >= 0 or item.last_begun != now or item.last_rank <= lot.rank


@compiled
def place_on_curve(run: Run, number: int, now: int) -> None:
    lot = run.lots[number]
    if lot.first_unit < 0:
        item = run.items[lot.item]
        lot.first_unit, lot.released = item.made, now
        item.made += lot.quantity
        item.last_begun, item.last_rank = now, lot.rank


@compiled
def finish_without_steps(run: Run, stream: int, now: int) -> None:
    """A made item without routing is there a lead time after its release; a work order whose operations are
    all done, as soon as its parts are.
    """
    lot = run.lots[run.streams[stream].lot]
    place_on_curve(run, run.streams[stream].lot, now)
    day = last_by(run.day_starts, now)
    if now > run.day_starts[day]:  # released on a day, so the parts must be there at its 00:00
        day += 1
        now = run.day_starts[day]
    lot.released = now
    if lot.lead < 0:
        complete(run, stream, now)
        return
    done = run.lead_done[lot.lead, day]
    if lot.begun_done >= 0:
        done = min(done, lot.begun_done)
    complete(run, stream, max(now, done))


@compiled
def arrive(run: Run, now: int, number: int) -> None:
    op = run.ops[number]
    lot = run.lots[run.streams[op.stream].lot]
    if op.step < 0 or lot.first_step >= lot.steps:
        finish_without_steps(run, op.stream, now)
        return
    step = run.steps[op.step]
    if step.first == step.end:
        subcontract(run, now, number)
        return
    for option in range(step.first, step.end):
        if may_end(run, now, number, option):
            push(run, run.options[option].heap, op.latest, number)
    run.centres[run.options[step.first].centre].load += usual_minutes(run, number)


@compiled
def may_end(run: Run, now: int, number: int, option: int) -> bool:
    """Whether an operation that begins now would end before all that is planned does: else it would take
    its station from everything that can be done.
    """
    team = run.steps[run.ops[number].step].team
    calendar = run.manned[team, run.centres[run.options[option].centre].calendar]
    end = end_of(run, calendar, now, attended_minutes(run, number, option, 0.0))
    return 0 <= end < run.numbers[END] - unattended_minutes(run, number, option)


@compiled
def subcontract(run: Run, now: int, op: int) -> None:
    lot = run.streams[run.ops[op].stream].lot
    if not keeps_order(run, lot, now):
        call(run, now + 1, op)
        return
    free = now + run.steps[run.ops[op].step].external
    if overtakes(run, op, free):
        call(run, run.ops[op - 1].free - free + now, op)
        return
    place_on_curve(run, lot, now)
    write(run, op, -1, 0, now, free, free)
    go_on(run, op, free, free)


@compiled
def write(run: Run, op: int, option: int, station: int, start: int, end: int, free: int) -> None:
    row = run.rows[run.numbers[COUNT]]
    row.op, row.option, row.station = op, option, station
    row.start, row.end, row.free = start, end, free
    run.numbers[COUNT] += 1


@compiled
def go_on(run: Run, number: int, free: int, hands_over: int) -> None:
    """The next operation of the stream may begin when this one hands over and its queue has passed; after
    the last one the stream is done when it is free.
    """
    op = run.ops[number]
    stream, queue = run.streams[op.stream], run.steps[op.step].queue
    op.free = free
    if number - stream.first + 1 < run.lots[stream.lot].steps:
        resolve(run, number + 1, hands_over + queue)
    else:
        complete(run, op.stream, free + queue)


# --- giving stations to work ---


@compiled
def free_station(run: Run, number: int, option: int, now: int) -> int:
    """The free station of an option's centre that an operation wishes, else with the least setup, idle for
    longest; -1: none. An operation keeps to the station that it is pinned to, and before the work that is
    pinned to others.
    """
    step, pinned, wish = run.ops[number].step, run.ops[number].pin_station, run.ops[number].wish - 1
    team = run.steps[step].team
    centre = run.centres[run.options[option].centre]
    best, least = -1, 0.0
    for station in range(centre.first, centre.end):
        calendar = run.manned[team, run.stations[station].calendar]
        if run.stations[station].free > now or not run.calendars[calendar].is_open:
            continue
        if pinned >= 0 and run.ops[number].pin >= now:
            if station != pinned:
                continue
        elif run.stations[station].first_pin < run.stations[station].end_pin and not fits_before_pin(
            run, number, option, station, now
        ):
            continue
        if station == wish:
            return station
        hours = 0.0
        if centre.has_families:
            hours = setup_hours(run, step, option, run.stations[station].family)
        is_idler = best < 0 or run.stations[station].free < run.stations[best].free
        if best < 0 or hours < least or (hours == least and is_idler):
            best, least = station, hours
    return best


@compiled
def fits_before_pin(run: Run, number: int, option: int, station: int, now: int) -> bool:
    """Whether an operation that begins now is over before the next one that is pinned to ``station``."""
    each = run.stations[station]
    while each.first_pin < each.end_pin:
        other = run.ops[run.pins[each.first_pin]]
        if other.is_started == 0 and other.pin >= now:
            hours = setup_hours(run, run.ops[number].step, option, each.family)
            calendar = run.manned[run.steps[run.ops[number].step].team, each.calendar]
            end = end_of(run, calendar, now, attended_minutes(run, number, option, hours))
            return end >= 0 and end + unattended_minutes(run, number, option) <= other.pin
        each.first_pin += 1
    return True


@compiled
def is_granted(run: Run, number: int, now: int) -> bool:
    """Whether the station that an operation wishes is free and open; a pin is more than a wish."""
    op = run.ops[number]
    if op.wish == 0 or op.pin >= now or run.stations[op.wish - 1].free > now:
        return False
    step = run.steps[op.step]
    for option in range(step.first, step.end):
        centre = run.centres[run.options[option].centre]
        if centre.first < op.wish <= centre.end:
            calendar = run.manned[step.team, run.stations[op.wish - 1].calendar]
            return run.calendars[calendar].is_open != 0
    return False


@compiled
def best_way(run: Run, number: int, now: int) -> tuple[int, int, int, int, int]:
    """(option, station, end, free, setup in minutes) of the way that ends first among those that could begin
    now. Option NO_WAY: none, or the routing's own centre ends it earlier though it begins later; NEVER: it
    would not end at all.
    """
    op = run.ops[number]
    step = run.steps[op.step]
    best, at, end, free, setup_minutes = NO_WAY, -1, -1, 0, 0
    granted = is_granted(run, number, now)
    for option in range(step.first, step.end):
        centre = run.centres[run.options[option].centre]
        if centre.earliest > now or not run.calendars[run.manned[step.team, centre.calendar]].is_open:
            continue
        if granted and not centre.first < op.wish <= centre.end:
            continue
        if op.pin >= now and op.pin_centre >= 0 and run.options[option].centre != op.pin_centre:
            continue
        station = free_station(run, number, option, now)
        if station < 0:
            continue
        calendar = run.manned[step.team, run.stations[station].calendar]
        setup = setup_hours(run, op.step, option, run.stations[station].family)
        ends = end_of(run, calendar, now, attended_minutes(run, number, option, setup))
        frees = ends + unattended_minutes(run, number, option)
        if (
            ends < 0 or frees >= run.numbers[END]
        ):  # of a station that goes down for good others may be able to
            is_usual = run.stations[station].calendar == centre.calendar
            best = NEVER if best == NO_WAY and is_usual else best
            continue
        if best < 0 or frees < free:
            best, at, end, free = option, station, ends, frees
            setup_minutes = max(0, ceil(setup * 60 - NOISE))
    if best > step.first and op.pin < now and not granted and own_centre_frees(run, number, now) <= free:
        best = NO_WAY
    return best, at, end, free, setup_minutes


@compiled
def own_centre_frees(run: Run, number: int, now: int) -> int:
    """When an operation would be free at its routing's own centre, behind about the work that waits there."""
    step = run.steps[run.ops[number].step]
    centre = run.centres[run.options[step.first].centre]
    calendar = run.manned[step.team, centre.calendar]
    begin = opens_at(run, calendar, max(now, centre.earliest))
    if begin < 0:
        return run.numbers[END]
    ahead = max(0, centre.load - usual_minutes(run, number)) // max(centre.end - centre.first, 1)
    setup = float(step.setup / run.options[step.first].rate)
    minutes = attended_minutes(run, number, step.first, setup)
    end = end_of(run, calendar, begin, ahead + minutes)
    return run.numbers[END] if end < 0 else end + unattended_minutes(run, number, step.first)


@compiled
def busy_now(run: Run, skill: int) -> int:
    """Crews at work: those whose work centre is open."""
    busy = 0
    for calendar in range(run.calendars.size):
        if run.calendars[calendar].is_open:
            busy += run.at_work[skill, calendar]
    return busy


@compiled
def seat_after(run: Run, skill: int, minute: int) -> int:
    """The first limited span of the skill's shifts that begins after ``minute``."""
    low, high = run.skills[skill].first_seat, run.skills[skill].end_seat
    while low < high:
        middle = (low + high) >> 1
        if minute < run.seats[middle].start:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def seats_at(run: Run, skill: int, minute: int) -> int:
    """How many people the shift takes that runs then; any number where it has no limit."""
    place = seat_after(run, skill, minute) - 1
    if place >= run.skills[skill].first_seat and minute < run.seats[place].end:
        return run.seats[place].heads
    return ANYBODY


@compiled
def crew_is_there(run: Run, skill: int, crew: int, now: int) -> bool:
    month = month_at(run, now)
    absent = run.absent[skill, last_by(run.day_starts, now)]
    busy = busy_now(run, skill) + crew
    if busy > seats_at(run, skill, now):
        return False
    if busy <= max(run.months[skill, month].heads - absent, 0):
        return True
    run.months[skill, month].waits += 1
    if month + 1 < run.numbers[HORIZON_MONTHS]:  # hires come on the first: nothing else may happen until then
        mark(run, run.month_starts[month + 1])
    return False


@compiled
def crew_leaves_enough(run: Run, number: int, now: int, end: int) -> bool:
    """Whether there are people left for all operations of the skill that are pinned to a minute at which this
    one, begun now, would still be at work. More than there could be without it are not waited for.
    """
    op, step = run.ops[number], run.steps[run.ops[number].step]
    if run.skills[step.skill].last_pin <= now or op.pin >= now:
        return True
    for place in range(run.pins.size):
        other = run.ops[run.pins[place]]
        if other.is_started or not now < other.pin < end or run.steps[other.step].skill != step.skill:
            continue
        busy = 0
        for each in range(run.skills[step.skill].running):
            if run.running[step.skill, each].until > other.pin:
                busy += run.running[step.skill, each].crew
        busy += pinned_before(run, step.skill, now, other.pin)
        heads = run.months[step.skill, month_at(run, other.pin)].heads
        heads -= run.absent[step.skill, last_by(run.day_starts, other.pin)]
        most = min(heads, seats_at(run, step.skill, other.pin))
        one, all_of_them = run.steps[other.step].crew, pinned_crews(run, step.skill, other.pin)
        if busy + one <= most < busy + one + step.crew:
            return False
        if busy + all_of_them <= most < busy + all_of_them + step.crew:
            return False
    return True


@compiled
def pinned_crews(run: Run, skill: int, minute: int) -> int:
    """People of a skill for all that is pinned to ``minute`` and has not begun."""
    crews = 0
    for place in range(run.pins.size):
        op = run.ops[run.pins[place]]
        if op.pin == minute and not op.is_started and run.steps[op.step].skill == skill:
            crews += run.steps[op.step].crew
    return crews


@compiled
def pinned_before(run: Run, skill: int, now: int, minute: int) -> int:
    """People of a skill for what is pinned before ``minute``, has not begun, and is at work then."""
    crews = 0
    for place in range(run.pins.size):
        number = run.pins[place]
        op = run.ops[number]
        if op.is_started or not now < op.pin < minute or run.steps[op.step].skill != skill:
            continue
        if pinned_until(run, number) > minute:
            crews += run.steps[op.step].crew
    return crews


@compiled
def pinned_until(run: Run, number: int) -> int:
    """When a pinned operation lets its people go, at the centre of its pin, or its routing's own."""
    op, step = run.ops[number], run.steps[run.ops[number].step]
    option = step.first
    for each in range(step.first, step.end):
        if run.options[each].centre == op.pin_centre:
            option = each
    calendar = run.manned[step.team, run.centres[run.options[option].centre].calendar]
    setup = float(step.setup / run.options[option].rate)
    end = end_of(run, calendar, op.pin, attended_minutes(run, number, option, setup))
    return run.numbers[END] if end < 0 else end


@compiled
def hours_hold(run: Run, number: int, calendar: int, now: int, end: int) -> bool:
    """Whether the crew's minutes fit into what the skill still has in every month that the operation
    touches.
    """
    op, step = run.ops[number], run.steps[run.ops[number].step]
    current, starts = month_at(run, now), run.month_starts
    for touched in range(current, month_at(run, max(end - 1, now)) + 1):
        month = run.months[step.skill, touched]
        limit = month.regular
        if op.latest <= now:
            limit += month.overtime
        elif touched == current:
            stop = starts[touched + 1] if touched + 1 < starts.size else starts[touched] + 31 * DAY
            limit *= min(1.0, (now - starts[touched]) / (stop - starts[touched]) + HEAD_START)
        if month.minutes + step.crew * open_minutes_in(run, calendar, now, end, touched) > limit + NOISE:
            run.months[step.skill, current].waits += 1
            mark(run, now + RETRY)
            return False
    return True


@compiled
def should_wait(run: Run, op: int, option: int, now: int, end: int, free: int) -> bool:
    """Whether work that has time would take the last station or people from urgent work that comes before
    its end.
    """
    if lacks_stations(run, op, run.options[option].centre, now, free):
        return True
    return run.steps[run.ops[op].step].skill >= 0 and lacks_people(run, op, now, end)


@compiled
def lacks_stations(run: Run, op: int, number: int, now: int, free: int) -> bool:
    centre = run.centres[number]
    forget(run, number, now)
    for at in range(run.expected[number].head, run.expected[number].tail):
        other = run.coming[at]
        if other.minute >= free:
            break
        if run.ops[other.op].latest < run.ops[op].latest:
            idle = 0
            for station in range(centre.first, centre.end):
                idle += run.stations[station].free <= other.minute
            if idle <= 1:
                return True
    return False


@compiled
def lacks_people(run: Run, op: int, now: int, end: int) -> bool:
    step = run.steps[run.ops[op].step]
    row = run.centres.size + step.skill
    forget(run, row, now)
    for at in range(run.expected[row].head, run.expected[row].tail):
        other = run.coming[at]
        if other.minute >= end:
            break
        if run.ops[other.op].latest < run.ops[op].latest:
            busy = step.crew + run.steps[run.ops[other.op].step].crew
            for each in range(run.skills[step.skill].running):
                if run.running[step.skill, each].until > other.minute:
                    busy += run.running[step.skill, each].crew
            if busy > run.months[step.skill, month_at(run, other.minute)].heads:
                return True
    return False


@compiled
def forget(run: Run, row: int, now: int) -> None:
    """What came by ``now`` is not expected any more."""
    while run.expected[row].head < run.expected[row].tail:
        if run.coming[run.expected[row].head].minute > now:
            return
        run.expected[row].head += 1


@compiled
def hand_over(run: Run, number: int, option: int, start: int, end: int, free: int, setup: int) -> int:
    """When an operation hands over: with overlap as soon as its first unit is done."""
    op = run.ops[number]
    step, stream = run.steps[op.step], run.streams[op.stream]
    is_split = run.lots[stream.lot].end - run.lots[stream.lot].first > 1
    if not step.is_overlapping or stream.quantity <= MICRO or is_split:
        return free
    if step.unattended > 0:
        return min(free, end + ceil(step.unattended - NOISE))
    calendar = op.calendar
    attended = open_before(run, calendar, end) - open_before(run, calendar, start)
    setup = min(setup, attended)
    done = end_of(run, calendar, start, setup + ceil((attended - setup) / (stream.quantity / MICRO)))
    return end if done < 0 else done


@compiled
def overtakes(run: Run, number: int, free: int) -> bool:
    """Whether an operation would be free before the one that it overlaps."""
    stream = run.streams[run.ops[number].stream]
    if number - stream.first <= run.lots[stream.lot].first_step:
        return False
    before = run.ops[number - 1]
    return run.steps[before.step].is_overlapping != 0 and free < before.free


@compiled
def begin(run: Run, number: int, way: tuple[int, int, int, int, int], now: int) -> None:
    option, station, end, free, setup = way
    op = run.ops[number]
    step, centre = run.steps[op.step], run.centres[run.options[option].centre]
    place_on_curve(run, run.streams[op.stream].lot, now)
    calendar = run.manned[step.team, run.stations[station].calendar]
    op.is_started, op.option, op.calendar = 1, option, calendar
    run.centres[run.options[step.first].centre].load -= usual_minutes(run, number)
    run.stations[station].free = free
    if centre.has_families:  # the order of its work must be plain from the starts
        run.stations[station].free = max(free, now + 1)
        run.stations[station].family = step.family
    mark(run, run.stations[station].free)
    centre.earliest = run.stations[centre.first].free
    for other in range(centre.first + 1, centre.end):
        centre.earliest = min(centre.earliest, run.stations[other].free)
    if step.skill >= 0:
        engage(run, step.skill, step.crew, op.calendar, now, end)
        push(run, ENDINGS, end, number)
    write(run, number, option, station - centre.first + 1, now, end, free)
    go_on(run, number, free, hand_over(run, number, option, now, end, free, setup))


@compiled
def engage(run: Run, skill: int, crew: int, calendar: int, now: int, end: int) -> None:
    """A crew is at work in ``[now, end)``."""
    run.at_work[skill, calendar] += crew
    month = month_at(run, now)
    missed = run.absent[skill, last_by(run.day_starts, now)]  # as many more are needed
    run.months[skill, month].peak = max(run.months[skill, month].peak, busy_now(run, skill) + missed)
    kept = 0
    for each in range(run.skills[skill].running):
        other = run.running[skill, each]
        if other.until > now:
            run.running[skill, kept].until, run.running[skill, kept].crew = other.until, other.crew
            run.running[skill, kept].calendar = other.calendar
            kept += 1
    if end > now:
        run.running[skill, kept].until, run.running[skill, kept].crew = end, crew
        run.running[skill, kept].calendar = calendar
        kept += 1
    run.skills[skill].running = kept
    mark(run, end)
    for touched in range(month, month_at(run, max(end - 1, now)) + 1):
        run.months[skill, touched].minutes += crew * open_minutes_in(run, calendar, now, end, touched)


@compiled
def offer(run: Run, number: int, now: int) -> None:
    """Put the first of a queue among the heads, more urgent where a free station is set up for it."""
    queue = run.heaps[number]
    while queue.size and run.ops[run.heap[queue.first].value].is_started:
        drop(run, number)
    if queue.size == 0:
        return
    key, centre = run.heap[queue.first].key, run.centres[queue.centre]
    if queue.family >= 0:
        for station in range(centre.first, centre.end):
            if run.stations[station].free <= now and run.stations[station].family == queue.family:
                key -= run.numbers[FAMILY_MINUTES]
                break
    push(run, HEADS, key, run.heap[queue.first].value * run.heaps.size + number)


@compiled
def serve(run: Run, now: int) -> None:
    """Give free stations to the most urgent operations of all centres; a skill that fails one fails the less
    urgent.
    """
    run.numbers[LOOK] += 1
    queues = run.heaps.size
    for queue in range(queues + HEADS):
        if run.heaps[queue].size == 0:
            continue
        centre = run.centres[run.heaps[queue].centre]
        calendar = run.calendars[centre.calendar]
        if not calendar.is_open:
            if calendar.row < calendar.end:
                mark(run, run.intervals[calendar.row].start)
        elif centre.earliest <= now:
            offer(run, queue, now)
    while run.heaps[HEADS].size:
        first = run.heap[run.heaps[HEADS].first].value
        drop(run, HEADS)
        queue, op = first % queues, first // queues
        if not run.ops[op].is_started and not take(run, queue, op, now):
            continue
        if run.centres[run.heaps[queue].centre].earliest <= now:
            offer(run, queue, now)


@compiled
def shift_runs(run: Run, queue: int, team: int) -> bool:
    """Whether a shift of the team runs while the centre of a queue is open."""
    calendar = run.calendars[run.manned[team, run.centres[run.heaps[queue].centre].calendar]]
    if not calendar.is_open and calendar.row < calendar.end:
        mark(run, run.intervals[calendar.row].start)
    return calendar.is_open != 0


@compiled
def leaves_seats(run: Run, number: int, calendar: int, now: int, end: int) -> bool:
    """Whether each shift that begins before an operation, begun now, ends takes all who are at work then."""
    step = run.steps[run.ops[number].step]
    skill = run.skills[step.skill]
    for place in range(seat_after(run, step.skill, now), skill.end_seat):
        seat = run.seats[place]
        if seat.start >= end:
            return True
        busy = step.crew if is_open_at(run, calendar, seat.start) else 0
        for each in range(skill.running):
            other = run.running[step.skill, each]
            if other.until > seat.start and is_open_at(run, other.calendar, seat.start):
                busy += other.crew
        if busy > seat.heads:
            return False
    return True


@compiled
def people_hold(run: Run, number: int, calendar: int, now: int, end: int) -> bool:
    """Whether an operation leaves what others need: hours, pinned crews and seats of shifts."""
    skill = run.steps[run.ops[number].step].skill
    if skill < 0:
        return True
    if not hours_hold(run, number, calendar, now, end):
        run.skills[skill].blocked = run.numbers[LOOK]
        return False
    return crew_leaves_enough(run, number, now, end) and leaves_seats(run, number, calendar, now, end)


@compiled
def take(run: Run, queue: int, number: int, now: int) -> bool:
    """Start an operation if stations, people and more urgent work allow it."""
    op = run.ops[number]
    step = run.steps[op.step]
    if step.skill >= 0 and run.skills[step.skill].blocked == run.numbers[LOOK]:
        return False
    if run.centres[run.heaps[queue].centre].earliest > now:
        return False
    if not shift_runs(run, queue, step.team):
        return False
    if not keeps_order(run, run.streams[op.stream].lot, now):
        mark(run, now + 1)
        return False
    if step.skill >= 0 and not crew_is_there(run, step.skill, step.crew, now):
        run.skills[step.skill].blocked = run.numbers[LOOK]
        return False
    way = best_way(run, number, now)
    option, station, end, free, _ = way
    if option == NEVER:  # it never ends, whenever it begins: nothing else has to wait for it
        op.is_started = 1
        return True
    if option == NO_WAY:
        return False
    calendar = run.manned[step.team, run.stations[station].calendar]
    if not people_hold(run, number, calendar, now, end):
        return False
    if overtakes(run, number, free):
        mark(run, now + run.ops[number - 1].free - free)
        return False
    if op.latest > now and should_wait(run, number, option, now, end, free):
        return False
    begin(run, number, way, now)
    return True


# --- the run ---


@compiled
def prepare(run: Run) -> None:
    """Call what waits for nothing."""
    for number in range(run.lots.size):
        lot = run.lots[number]
        if lot.steps > 0 and lot.first_step >= lot.steps:
            place_on_curve(run, number, 0)  # made already: before all that starts now
        for stream in range(lot.first, lot.end):
            op = run.streams[stream].first + min(lot.first_step, max(lot.steps - 1, 0))
            if run.ops[op].pending == 0:
                call(run, run.ops[op].ready, op)


@compiled
def look_at_calendars(run: Run, now: int) -> None:
    for number in range(run.calendars.size):
        calendar = run.calendars[number]
        while calendar.row < calendar.end and run.intervals[calendar.row].end <= now:
            calendar.row += 1
        calendar.is_open = calendar.row < calendar.end and run.intervals[calendar.row].start <= now


@compiled
def free_people(run: Run, now: int) -> None:
    while run.heaps[ENDINGS].size and run.heap[run.heaps[ENDINGS].first].key <= now:
        op = run.ops[run.heap[run.heaps[ENDINGS].first].value]
        drop(run, ENDINGS)
        step = run.steps[op.step]
        run.at_work[step.skill, op.calendar] -= step.crew


@compiled
def generate(run: Run) -> None:
    """Schedule the work of ``run``; what never finds a start has no row."""
    prepare(run)
    now = next_mark(run, 0)
    while now >= 0:
        look_at_calendars(run, now)
        free_people(run, now)
        while run.heaps[ARRIVALS].size and run.heap[run.heaps[ARRIVALS].first].key <= now:
            op = run.heap[run.heaps[ARRIVALS].first].value
            drop(run, ARRIVALS)
            arrive(run, now, op)
        serve(run, now)
        now = next_mark(run, now)
