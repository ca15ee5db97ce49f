"""A measurement in a process of its own, so that none warms up another."""

import json
import subprocess
import sys
from typing import Any


def child(module: str, *arguments: str) -> dict[str, Any]:
    """Run ``python -m module`` and read the JSON object it prints."""
    command = [sys.executable, "-m", module, *arguments]
    printed = subprocess.run(command, check=True, capture_output=True, text=True)
    # HiGHS now and then prints a line of its own
    found: dict[str, Any] = json.loads(printed.stdout.splitlines()[-1])
    return found
