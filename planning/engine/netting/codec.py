"""A run as bytes and back, so that a net change can start from one that was stored.

The bytes are a compressed archive of arrays, without code. What another version wrote is read as long as
``FORMAT`` stays.
"""

from dataclasses import fields
from io import BytesIO
from zipfile import BadZipFile

import numpy as np

from planning.engine.netting.arrays import State, prepare
from planning.engine.netting.errors import refusal
from planning.engine.netting.problem import BillOfMaterials, Ints, Items, NettingProblem, Quantities
from planning.engine.netting.run import NettingRun

FORMAT = "netting-2"
PARTS = {"requirements": Quantities, "scheduled_receipts": Quantities, "bom": BillOfMaterials}


def write_run(run: NettingRun) -> bytes:
    """The problem and what is planned for it; not which items the run planned anew."""
    problem = run.problem
    arrays = {f"items.{field.name}": getattr(problem.items, field.name) for field in fields(Items)[1:]}
    for name, part in PARTS.items():
        rows = getattr(problem, name)
        arrays |= {f"{name}.{field.name}": getattr(rows, field.name) for field in fields(part)}
    arrays |= {f"state.{name}": getattr(run.state, name) for name in State._fields}
    written = BytesIO()
    np.savez_compressed(
        written,
        allow_pickle=False,
        format=np.array(FORMAT),
        buckets=np.array(problem.buckets),
        codes=np.array(problem.items.codes, dtype=np.str_),
        **arrays,
    )
    return written.getvalue()


def read_run(data: bytes) -> NettingRun:
    """What ``write_run`` wrote, with no item netted. Raises ``InvalidNetting`` for anything else."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as archive:
            stored = {name: archive[name] for name in archive.files}
        if stored["format"].item() != FORMAT:
            raise refusal("/format", f"expected {FORMAT}, got {stored['format'].item()}")
        problem = _problem(stored)
        state = State(*(stored[f"state.{name}"] for name in State._fields))
    except (ValueError, KeyError, EOFError, BadZipFile, OSError) as error:
        raise refusal("/", f"not a stored netting run ({error}); net in full again") from error
    count = len(problem.items.codes)
    if {state.gross.shape, state.receipts.shape} != {(count, problem.buckets)}:
        raise refusal("/state", "arrays of another size than the problem; net in full again")
    return NettingRun(prepared=prepare(problem), state=state, is_netted=np.zeros(count, dtype=np.bool_))


def _problem(stored: dict[str, Ints]) -> NettingProblem:
    terms = {field.name: stored[f"items.{field.name}"] for field in fields(Items)[1:]}
    parts = {
        name: part(*(stored[f"{name}.{field.name}"] for field in fields(part)))
        for name, part in PARTS.items()
    }
    return NettingProblem(
        buckets=int(stored["buckets"]), items=Items(codes=tuple(stored["codes"].tolist()), **terms), **parts
    )
