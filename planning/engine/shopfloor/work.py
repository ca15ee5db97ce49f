"""What netting asks for as tables: lots, their streams and operations, and who waits for whom."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from planning.engine.events import pins_by_operation
from planning.engine.material import FOR_STOCK, Lot, Material
from planning.engine.shop import MICRO, WHOLE_UNITS
from planning.engine.shopfloor.arrays import LOT, OP, STREAM, Bools, Floor, Ints, Table, Work, table
from planning.engine.shopfloor.floor import FloorPlan
from planning.engine.timegrid import DAY

TOO_LONG = 1.5  # times the hours that an operation should take
FIRST = 100 * DAY  # by so many minutes pinned work is more urgent than its day says


class GatedWork:
    """Tables of work of which planned lots wait for their day. ``gate_op``: the first operation of each
    stream, of ``gate_lot``; by lot ``gate_start``, its latest start, ``gate_before`` which it never begins,
    and whether work ``is_near``.
    """

    floor: Floor
    work: Work
    gate_op: Ints
    gate_lot: Ints
    gate_start: Ints
    gate_before: Ints
    gate_is_near: Bools

    def gated(self, buffer: int, shifts: Ints | int = 0) -> Ints:
        """By operation: the first minute at which it may begin, lots that wait for their day ``buffer``
        minutes before their latest start. Out of reach of any work nothing waits for people or stations: a
        lot begins when its lead time says. ``shifts`` move the latest starts of lots.
        """
        ready: Ints = self.work.ops["ready"].copy()
        gates = self.gate_start + shifts - np.where(self.gate_is_near, buffer, 0)
        gates = np.maximum(np.maximum(gates, self.gate_before), 0)
        np.maximum.at(ready, self.gate_op, gates[self.gate_lot])
        return ready


class WorkPlan(GatedWork):
    """The tables of one netting; ``near_work`` are the items that work is in reach of. A lot of which an
    operation takes much longer than ``split_hours`` (of its item, or of all), when its size was not the
    planner's to choose, is split over the stations of that operation's centre.
    """

    def __init__(
        self,
        plan: FloorPlan,
        material: Material,
        near_work: frozenset[int],
        split_hours: float | Sequence[float],
    ) -> None:
        self.plan, self.shop, self.lots, self.near_work = plan, plan.shop, material.lots, near_work
        made = [float(row.units_made) for row in self.shop.items]
        for lot in self.lots:
            made[lot.item] += lot.quantity / MICRO
        self.floor: Floor = plan.floor_for(max(made, default=0.0))
        hours = np.broadcast_to(np.array(split_hours, np.float64), len(self.shop.items))
        self.split_hours: list[float] = hours.tolist()
        self.pins = pins_by_operation(self.shop.grid, self.shop.factory.pinned_operations)
        self.pinned = {ref for ref, _ in self.pins}
        self.stream_first, self.lot_stream = list[int](), [0]
        self.work = self._work()

    def ops_of(self, lot: Lot, step: int) -> range:
        """The operations of ``lot`` at ``step`` or at its last one, one of each stream."""
        count = max(lot.steps, 1)
        first, last = self.lot_stream[lot.number], self.lot_stream[lot.number + 1]
        begin = self.stream_first[first] + min(step, count - 1)
        return range(begin, begin + (last - first) * count, count)

    def _work(self) -> Work:
        stream_lot, stream_quantity = list[int](), list[int]()
        op_stream, op_step = list[int](), list[int]()
        for lot in self.lots:
            base = self.plan.step_first[lot.item]
            rows = range(base, base + lot.steps) if lot.steps else (-1,)
            for part in self._parts(lot):
                self.stream_first.append(len(op_step))
                op_stream += [len(stream_lot)] * len(rows)
                op_step += rows
                stream_lot.append(lot.number)
                stream_quantity.append(part)
            self.lot_stream.append(len(stream_lot))
        ops = table(len(op_step), OP, stream=op_stream, step=op_step)
        users, uses = self._waits(ops)
        order = np.argsort(users, kind="stable")
        ends = np.concatenate(([0], np.cumsum(np.bincount(users, minlength=len(self.lots)))))
        streams = table(
            len(stream_lot), STREAM, lot=stream_lot, quantity=stream_quantity, first=self.stream_first
        )
        return Work(self._lots(ends), streams, ops, uses[order], *self._pin(ops))

    def _pin(self, ops: Table) -> tuple[Ints, Ints]:
        """Keep pinned operations to their minute and station; tell those of each station in order of time,
        then those that leave the station open, which need their crew alone. A pin beyond all days that are
        planned holds nothing, nor does the crew of one to a moment at which no station is open.
        """
        ops["pin"] = ops["pin_centre"] = ops["pin_station"] = -1
        found, anywhere = list[tuple[int, int, int]](), list[tuple[int, int]]()
        for lot in self.lots if self.pins else ():
            for step, row in enumerate(self.shop.routes[lot.item][: lot.steps]):
                pin = self.pins.get((lot.ref or "", row.seq))
                if pin is not None and step >= lot.first_step and pin.start < self.shop.grid.end:
                    op = self.ops_of(lot, step)[0]
                    ops["pin"][op] = pin.start
                    ops["ready"][op] = max(int(ops["ready"][op]), pin.start)
                    ops["latest"][op] = min(int(ops["latest"][op]), pin.start - FIRST)
                    if pin.work_centre is None:
                        continue
                    centre = self.shop.centre_index[pin.work_centre]
                    ops["pin_centre"][op] = centre
                    only = 1 if self.shop.factory.work_centres[centre].stations == 1 else None
                    number = only if pin.station is None else pin.station
                    if number is not None:
                        station = int(self.floor.centres["first"][centre]) + number - 1
                        ops["pin_station"][op] = station
                        found.append((station, pin.start, op))
                    elif self._is_open(centre, pin.start):
                        anywhere.append((pin.start, op))
        found.sort()
        order = [each[2] for each in found] + [each[1] for each in sorted(anywhere)]
        counts = np.bincount([each[0] for each in found] or [0], minlength=len(self.floor.stations))
        counts[0] -= not found
        return np.array(order, np.int64), np.cumsum(counts)

    def _is_open(self, centre: int, minute: int) -> bool:
        """Whether a station of a work centre is open and up at ``minute``."""
        stations = range(1, self.shop.factory.work_centres[centre].stations + 1)
        return any(self.shop.station_time(centre, each).is_open(minute) for each in stations)

    def _parts(self, lot: Lot) -> list[int]:
        """The quantities of the streams of ``lot``; whole units of what is counted in pieces."""
        if lot.kept is not None and sum(lot.kept.split) == lot.quantity and lot.ref not in self.pinned:
            return list(lot.kept.split)
        row = self.shop.items[lot.item]
        is_ours = not (row.min_order or row.order_multiple or row.group_days or row.lot_rule)
        if (lot.ref is None and is_ours) or lot.ref in self.pinned:
            return [lot.quantity]
        grain = MICRO if row.uom in WHOLE_UNITS else 1
        made = row.units_made * MICRO
        hours = self.split_hours[lot.item]
        count, longest = 1, TOO_LONG * hours * 60
        for step in self.shop.routes[lot.item][lot.first_step :]:
            minutes = step.attended_minutes(made, lot.quantity) if step.centre >= 0 else 0
            if minutes > longest:
                stations = self.shop.factory.work_centres[step.centre].stations
                longest, count = minutes, min(stations, round(minutes / 60 / hours))
        count = max(1, min(count, lot.quantity // grain))
        whole = lot.quantity // grain
        parts = [(whole * (n + 1) // count - whole * n // count) * grain for n in range(count)]
        parts[-1] += lot.quantity - whole * grain
        return parts

    def _lots(self, uses: Ints) -> Table:
        lots, streams = self.lots, np.array(self.lot_stream, np.int64)
        return table(
            len(lots),
            LOT,
            item=[lot.item for lot in lots],
            quantity=[lot.quantity for lot in lots],
            first=streams[:-1],
            end=streams[1:],
            rank=self._ranks(),
            first_step=[lot.first_step for lot in lots],
            steps=[lot.steps for lot in lots],
            lead=[-1 if lot.steps else self.plan.lead[lot.item] for lot in lots],
            begun_done=[self._begun_done(lot) for lot in lots],
            uses=uses[:-1],
            uses_end=uses[1:],
            left=np.diff(streams),
            done=-1,
            first_unit=-1,
            released=-1,
        )

    def _waits(self, ops: Table) -> tuple[Ints, Ints]:
        """Fill in the latest start of each operation, when it is ready at the earliest, and for how much it
        waits; tell who waits for which lot.
        """
        latest, ready, pending = [0] * len(ops), [0] * len(ops), [0] * len(ops)
        users, uses, gate_op, gate_lot = list[int](), list[int](), list[int](), list[int]()
        later = self.shop.grid.horizon
        for lot in self.lots:
            first, last = lot.first_step, max(lot.steps - 1, 0)
            streams = self.stream_first[self.lot_stream[lot.number] : self.lot_stream[lot.number + 1]]
            # What only fills up safety stock can wait: a customer comes first, whatever the days say.
            shift = later if lot.urgency >= FOR_STOCK else 0
            for step, minute in enumerate(lot.latest_starts):
                for stream in streams:
                    op = stream + min(step, last)
                    latest[op] = int(minute) + shift
                    pending[op] += step > first
            for peg in lot.made_ready:
                step = min(max(peg.step, first), last)
                for stream in streams:
                    op = stream + step
                    if peg.supply.lot is not None:
                        pending[op] += 1
                        users.append(peg.supply.lot.number)
                        uses.append(op)
                    else:
                        ready[op] = max(ready[op], peg.supply.available)
            for step, minute in enumerate(lot.bought_ready):
                for stream in streams if minute else ():
                    op = stream + min(max(step, first), last)
                    ready[op] = max(ready[op], minute)
            for stream in streams:
                gate_op.append(stream + min(first, last))
                gate_lot.append(lot.number)
        ops["latest"], ops["ready"], ops["pending"] = latest, ready, pending
        self._gates(gate_op, gate_lot)
        return np.array(users, np.int64), np.array(uses, np.int64)

    def _gates(self, ops: list[int], lots: list[int]) -> None:
        starts = [
            lot.latest_starts[lot.first_step] if lot.first_step < lot.steps else lot.release
            for lot in self.lots
        ]
        waits = np.array([lot.waits for lot in self.lots], np.bool_)
        self.gate_start = np.where(waits, np.array(starts, np.int64), 0)
        self.gate_before = np.array([lot.not_before for lot in self.lots], np.int64)
        self.gate_is_near = np.array([lot.item in self.near_work for lot in self.lots], np.bool_)
        self.gate_op, self.gate_lot = np.array(ops, np.int64), np.array(lots, np.int64)

    def _ranks(self) -> list[int]:
        """Lots by the ids of their orders: new ones are numbered as they begin, under one prefix, after those
        of a plan that is kept.
        """
        names = [lot.name or f"{self.shop.make_prefix}~" for lot in self.lots]
        order = {name: number for number, name in enumerate(sorted(set(names)))}
        return [order[name] for name in names]

    def _begun_done(self, lot: Lot) -> int:
        """When a released lot without operations is there, counted from the day on which it began."""
        work = lot.work_order
        if lot.steps or work is None or not work.components_issued or work.start is None:
            return -1
        done = self.shop.lead_days(lot.item, work.start, self.shop.items[lot.item].lead_time_days)
        return max(0, self.shop.grid.minute(min(done, self.shop.grid.as_of + timedelta(days=36_500))))
