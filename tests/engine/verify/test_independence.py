"""The verifier shares the formats with the engine that builds plans, and no line of its code."""

import ast
from pathlib import Path

import planning.engine.verify

SHARED = {"factory", "factory_codec", "plan", "numbers", "verify"}
# the data of workforce plans, which have no pydantic twin: not the package, nor anything that solves
WORKFORCE_DATA = {"planning.engine.workforce_plan.plan", "planning.engine.workforce_plan.problem"}
LIBRARY = {
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "fractions",
    "functools",
    "heapq",
    "itertools",
    "math",
    "typing",
}


def imported_modules():
    for path in Path(planning.engine.verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path.name} imports relatively"
                yield node.module


def test_the_verifier_imports_the_formats_and_the_standard_library_alone():
    ours = {name for name in imported_modules() if name.startswith("planning.")} - WORKFORCE_DATA
    others = {name.split(".")[0] for name in imported_modules()} - {"planning"}

    assert {name.split(".")[2] for name in ours} == SHARED
    assert others <= LIBRARY | {"zoneinfo"}
