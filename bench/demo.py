"""``make demo ONCE=1`` as on a fresh machine: a clone, no environment, no download cache."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from bench.figures import Section, Stopwatch
from bench.surroundings import ROOT

MOST_SECONDS = 240
# What stands for the machine; everything else of our surroundings would not be there.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "PYENV_ROOT")
KEPT_PREFIXES = ("PIP_", "UV_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy")


def measure() -> Section:
    """Of what is committed; nothing is left behind."""
    section = Section("demo", "The demonstration on a fresh machine")
    environment = {
        name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)
    }
    environment |= {"UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}
    with tempfile.TemporaryDirectory(prefix="driveline-demo-") as folder:
        clone = Path(folder, "driveline")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        with Stopwatch() as watch:
            answer = subprocess.run(
                ["make", "demo", "ONCE=1"],
                cwd=clone,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
    section.check(
        "`make demo ONCE=1`, with the environment to be built",
        str(watch),
        f"under {MOST_SECONDS // 60} minutes",
        watch.wall < MOST_SECONDS,
    )
    section.check("Exit status (0: no violation)", str(answer.returncode), "0", answer.returncode == 0)
    found = re.search(r"^From the start to the summary: (.+)\.$", answer.stdout, re.MULTILINE)
    section.tell("of which broker to summary", found[1] if found else "no summary")
    if answer.returncode:
        section.tell("It said", " ".join((answer.stdout + answer.stderr).split())[-500:])
    return section
