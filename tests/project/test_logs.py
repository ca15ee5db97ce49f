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


REFUSED = """
import logging.config
from config.logs import logging_settings
logging.config.dictConfig(logging_settings(level="INFO", form="json"))
request = logging.getLogger("django.request")
try:
    raise PermissionError("not yours")
except PermissionError:
    request.warning("Forbidden (Permission denied): %s", "/admin/", exc_info=True)
    request.error("Internal Server Error: %s", "/admin/", exc_info=True)
"""


def test_a_refused_request_is_one_line_and_a_fault_of_ours_has_its_traceback():
    result = subprocess.run(
        [sys.executable, "-c", REFUSED], cwd=ROOT, capture_output=True, text=True, check=True
    )

    refused, failed = (json.loads(line) for line in result.stderr.splitlines())

    assert (refused["event"], refused["level"]) == ("Forbidden (Permission denied): /admin/", "warning")
    assert "exception" not in refused
    assert failed["exception"][0]["exc_value"] == "not yours"


def test_a_terminal_gets_lines_for_a_person():
    lines = log_lines("console")

    assert "refused sales" in lines[0]
    assert any("ValueError: no such user" in line for line in lines)


def test_a_form_that_does_not_exist_is_refused():
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT='xml'"):
        logging_settings(level="INFO", form="xml")
