"""The log is data, and keeps secrets to itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.logs import logging_settings

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = """
import logging.config, sys, structlog
from config.logs import logging_settings
logging.config.dictConfig(logging_settings(level="INFO", form=sys.argv[1]))
structlog.contextvars.bind_contextvars(request_id="r-1")
def sign_in(password):
    raise ValueError("no such user")
try:
    sign_in("correct horse battery staple".replace(" ", "-"))
except ValueError:
    logging.getLogger("django.request").exception("refused %s", "sales")
structlog.get_logger("planning").info("built", version=7)
"""


def log_lines(form):
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, form], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "correct-horse-battery-staple" not in result.stderr
    return result.stderr.splitlines()


def test_every_line_is_an_object_that_names_its_request_whoever_wrote_it():
    first, second = (json.loads(line) for line in log_lines("json"))

    assert (first["event"], first["level"], first["request_id"]) == ("refused sales", "error", "r-1")
    assert first["exception"][0]["exc_type"] == "ValueError"
    assert (second["event"], second["version"], second["request_id"]) == ("built", 7, "r-1")


def test_a_terminal_gets_lines_for_a_person():
    lines = log_lines("console")

    assert "refused sales" in lines[0]
    assert any("ValueError: no such user" in line for line in lines)


def test_a_form_that_does_not_exist_is_refused():
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT='xml'"):
        logging_settings(level="INFO", form="xml")
