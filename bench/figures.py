"""What a measurement is: a figure beside its target, and the seconds it took on wall and processor."""

import resource
import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report. ``target`` empty: told for information; ``is_met`` is None then."""

    name: str
    measured: str
    target: str = ""
    is_met: bool | None = None


@dataclass(slots=True)
class Section:
    """The figures of one part, with the circumstances they were measured in and words about them."""

    part: str
    title: str
    figures: list[Figure] = field(default_factory=list)
    circumstances: str = ""
    remarks: list[str] = field(default_factory=list)

    def tell(self, name: str, measured: str) -> None:
        """Add a figure without a target."""
        self.figures.append(Figure(name=name, measured=measured))

    def check(self, name: str, measured: str, target: str, is_met: bool) -> None:
        """Add a figure that must meet a target."""
        self.figures.append(Figure(name=name, measured=measured, target=target, is_met=is_met))

    @property
    def is_met(self) -> bool:
        """Whether no target was missed."""
        return all(figure.is_met is not False for figure in self.figures)


class Stopwatch:
    """``with Stopwatch() as watch``: wall seconds, and processor seconds of this process and its children.

    Where other programs share the machine, the processor's seconds are the ones to compare.
    """

    wall = cpu = 0.0

    def __enter__(self) -> "Stopwatch":
        self._wall, self._cpu = time.perf_counter(), processor_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self._wall
        self.cpu = processor_seconds() - self._cpu

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.cpu:.1f} s of processor)"


def processor_seconds() -> float:
    """Seconds of processor that this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def milliseconds(seconds: list[float], share: float) -> str:
    """The value below which ``share`` of the measurements lie."""
    ranked = sorted(seconds)
    return f"{1000 * ranked[min(len(ranked) - 1, int(len(ranked) * share))]:.1f} ms"
