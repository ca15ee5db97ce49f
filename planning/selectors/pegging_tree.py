"""Pegging as people read it: an indented tree, each row with its share, its days and its slack.

Why does this order exist (up to the customers), and what does this delivery wait for (down to purchases)?
Shared components reach the same order on many ways: it is opened where the tree is shallowest, with all that
flows through it; its other rows stay closed. At most ``MAX_CHILDREN`` rows stand below one row and
``MAX_ROWS`` in all, shallow rows first; what is left out is counted.
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from planning.selectors.needs import ItemNeed, list_needs, slack_of, to_decimal
from planning.selectors.pegging import EXCESS, STOCK, Delivery, Edge, Graph, Node, OrderFacts, Supply

MAX_CHILDREN = 40
MAX_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRow:
    """One row. ``qty`` is the share that belongs to the question; upwards in units of what was asked about.

    ``day``: when it is taken, or delivered. ``slack_days``: between the day on which the supply is there and
    ``day``. ``seen``: opened at another place. ``more``: rows below it that are left out; ``is_cut``: what is
    below was not even read.
    """

    depth: int
    kind: str
    qty: Decimal
    order: str | None = None
    item: str | None = None
    sales_order: str | None = None
    line: int | None = None
    instalment: int | None = None
    start: dt.date | None = None
    due: dt.date | None = None
    day: dt.date | None = None
    slack_days: int | None = None
    supplier: str | None = None
    firm: bool = False
    is_late_path: bool = False
    days_late: int | None = None
    has_children: bool = False
    seen: bool = False
    more: int = 0
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What of the order asked about serves one instalment."""

    sales_order: str
    line: int
    instalment: int
    item: str | None
    requested: dt.date | None
    promised: dt.date | None
    qty: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The longest chain of lead times behind a late instalment, as the plan tells it."""

    sales_order: str
    line: int
    instalment: int
    links: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeggingTree:
    """``shares`` (upwards only), ``excess`` and ``not_followed`` add up to the quantity of the order asked
    about, to the rounding of each to a millionth. ``items`` (downwards only): what is needed by item, of all
    that was read, shown or not. ``is_complete``: nothing was left out.
    """

    rows: tuple[TreeRow, ...]
    shares: tuple[Share, ...] = ()
    excess: Decimal = Decimal(0)
    not_followed: Decimal = Decimal(0)
    chains: tuple[Chain, ...] = ()
    items: tuple[ItemNeed, ...] = ()
    is_complete: bool = True


def tree_up(graph: Graph) -> PeggingTree:
    """Why the order asked about exists: the customers' deliveries that it serves, pro rata."""
    flows = _flows(graph, up=True)
    writer = _Writer(graph, flows, up=True)
    rows = tuple(writer.rows())
    served = sorted((node for node in flows if isinstance(node, Delivery) and node != EXCESS), key=str)
    return PeggingTree(
        rows=rows,
        shares=tuple(_share(graph, node, flows[node]) for node in served),
        excess=to_decimal(flows.get(EXCESS, Fraction(0))),
        not_followed=to_decimal(sum((flows[node] for node in graph.not_followed), Fraction(0))),
        is_complete=not graph.not_followed and not writer.left_out,
    )


def tree_down(graph: Graph) -> PeggingTree:
    """What deliveries, or an order, wait for."""
    flows = _flows(graph, up=False)
    writer = _Writer(graph, flows, up=False)
    rows = tuple(writer.rows())
    return PeggingTree(
        rows=rows,
        chains=tuple(
            Chain(**node._asdict(), links=tuple(row.chain))
            for node, row in graph.promises.items()
            if row.chain
        ),
        items=tuple(list_needs(graph, flows)),
        is_complete=not graph.not_followed and not writer.left_out,
    )


def share_out(graph: Graph, given: Mapping[Supply, Fraction]) -> dict[Node, Fraction]:
    """What is ``given`` at supplies of a graph that leads up, pro rata to all that they serve in the end: to
    deliveries, to the excess, and to supplies that were not followed or that nothing takes.
    """
    flows = _flows(graph, up=True, given=given)
    return {
        node: flow
        for node, flow in flows.items()
        if flow and (isinstance(node, Delivery) or not graph.edges.get(node))
    }


def _flows(graph: Graph, *, up: bool, given: Mapping[Supply, Fraction] | None = None) -> dict[Node, Fraction]:
    """How much flows through each node, in an order in which nothing comes after what it feeds."""
    flows: dict[Node, Fraction] = defaultdict(Fraction)
    for root in graph.roots:
        flows[root] = _whole(graph, root, up=up)
    if given is not None:
        flows.update(given.items())
    for node in _topological(graph):
        whole = _whole(graph, node, up=up)
        for edge in graph.edges.get(node, ()):
            flows[edge.above if up else edge.below] += _part(edge, flows[node], whole)
    return flows


def _part(edge: Edge, flow: Fraction, whole: Fraction) -> Fraction:
    return edge.qty * flow / whole if whole else Fraction(0)


def _whole(graph: Graph, node: Node, *, up: bool) -> Fraction:
    """All of a node: what its pegging shares out, or the quantity that its parts are for."""
    if isinstance(node, Delivery):
        return Fraction(graph.promises[node].qty) if node in graph.promises else Fraction(0)
    if up:
        return graph.qty_of(node)
    facts = graph.facts.get(node.order)
    return facts.qty if facts else Fraction(0)


def _topological(graph: Graph) -> list[Node]:
    waiting: dict[Node, int] = defaultdict(int)
    follows = {
        node: [edge.above if edge.below == node else edge.below for edge in edges]
        for node, edges in graph.edges.items()
    }
    for targets in follows.values():
        for target in targets:
            waiting[target] += 1
    ready = [node for node in graph.roots if not waiting[node]]
    done: list[Node] = []
    while ready:
        node = ready.pop()
        done.append(node)
        for target in follows.get(node, ()):
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return done


def _share(graph: Graph, node: Delivery, qty: Fraction) -> Share:
    promise = graph.promises.get(node)
    return Share(
        **node._asdict(),
        item=promise.item if promise else None,
        requested=promise.requested if promise else None,
        promised=promise.promised if promise else None,
        qty=to_decimal(qty),
    )


@dataclass(slots=True)
class _Branch:
    node: Node
    edge: Edge | None
    qty: Fraction
    children: list["_Branch"] = field(default_factory=list)
    seen: bool = False
    more: int = 0


@dataclass(slots=True)
class _Writer:
    """Grows the tree breadth first, so that a limit cuts what is deepest, and writes it depth first."""

    graph: Graph
    flows: dict[Node, Fraction]
    up: bool
    left_out: int = 0
    late: set[tuple[Node, Node]] = field(default_factory=set)

    def rows(self) -> Iterator[TreeRow]:
        if not self.up:
            self.late = set(_late_path(self.graph))
        roots = [_Branch(root, None, self.flows[root]) for root in self.graph.roots]
        self._grow(roots)
        for root in roots:
            yield from self._written(root, 0)

    def _grow(self, roots: list[_Branch]) -> None:
        waiting, opened, count = deque(roots), set[Node](), len(roots)
        while waiting:
            branch = waiting.popleft()
            edges = self.graph.edges.get(branch.node, [])
            if branch.node in opened:
                branch.seen = bool(edges)
                continue
            opened.add(branch.node)
            room = max(0, min(MAX_CHILDREN, MAX_ROWS - count))
            whole = _whole(self.graph, branch.node, up=self.up)
            for edge in sorted(edges, key=lambda each: (each.above, each.below) not in self.late)[:room]:
                far = edge.above if self.up else edge.below
                part = _part(edge, self.flows[branch.node], whole)
                branch.children.append(_Branch(far, edge, part))
            branch.more = len(edges) - len(branch.children)
            count += len(branch.children)
            self.left_out += branch.more
            waiting.extend(branch.children)

    def _written(self, branch: _Branch, depth: int) -> Iterator[TreeRow]:
        yield self._row(
            branch.node,
            branch.edge,
            depth=depth,
            qty=to_decimal(branch.qty),
            has_children=bool(branch.children),
            seen=branch.seen,
            more=branch.more,
            is_cut=branch.node in self.graph.not_followed,
        )
        for child in branch.children:
            yield from self._written(child, depth + 1)

    def _row(self, node: Node, edge: Edge | None, **values: Any) -> TreeRow:
        if isinstance(node, Delivery):
            return self._delivery_row(node, edge, values)
        facts = self.graph.facts.get(node.order)
        is_late = (edge.above, edge.below) in self.late if edge else False
        return TreeRow(
            kind=_kind(node, facts),
            order=node.order,
            item=node.item,
            start=facts.start if facts else None,
            due=facts.due if facts else None,
            supplier=facts.supplier if facts else None,
            firm=facts.firm if facts else False,
            day=edge.day if edge else None,
            slack_days=slack_of(self.graph, edge) if edge else None,
            is_late_path=is_late,
            **values,
        )

    def _delivery_row(self, node: Delivery, edge: Edge | None, values: dict[str, Any]) -> TreeRow:
        if node == EXCESS:
            return TreeRow(kind="excess", **values)
        promise = self.graph.promises.get(node)
        return TreeRow(
            kind="delivery",
            **node._asdict(),
            item=promise.item if promise else None,
            due=promise.requested if promise else None,
            day=(edge.day if edge else None) or (promise.promised if promise else None),
            slack_days=slack_of(self.graph, edge) if edge else None,
            days_late=promise.days_late if promise else None,
            is_late_path=bool(promise and (promise.days_late or promise.promised is None)) and not self.up,
            **values,
        )


def _kind(node: Supply, facts: OrderFacts | None) -> str:
    if node.order == STOCK:
        return "stock"
    if facts is None:
        return "unknown"
    return facts.kind if facts.item == node.item else "by_product"


def _late_path(graph: Graph) -> Iterator[tuple[Node, Node]]:
    """What late deliveries waited for longest: along the plan's chain, else always what came last."""
    for node, promise in graph.promises.items():
        if not promise.days_late and promise.promised is not None:
            continue
        named = {str(link["order"]) for link in promise.chain if link.get("order")}
        here: Node | None = node
        passed: set[Node] = set()
        while here is not None and here not in passed:
            passed.add(here)
            edges = graph.edges.get(here, [])
            edges = [edge for edge in edges if edge.below.order in named] or edges
            last = max(edges, key=lambda edge: _comes(graph, edge), default=None)
            if last is not None:
                yield here, last.below
            here = last.below if last else None


def _comes(graph: Graph, edge: Edge) -> dt.date:
    facts = graph.facts.get(edge.below.order)
    return (facts.due if facts else None) or dt.date.min
