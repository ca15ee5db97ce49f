"""The product's Celery application with a solver that takes as many seconds as the seed of a request says."""

import sys

from config.celery import app
from planning.services import solving

__all__ = ["app"]

solving.COMMAND = [sys.executable, "-m", "tests.planning.stub_solver"]
