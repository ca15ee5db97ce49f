"""The Celery application. Its settings are the ``CELERY_*`` ones of ``config.settings``."""

from __future__ import annotations

import importlib
import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("driveline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def use_the_settings_of_django(**_: Any) -> None:
    """Celery logs as the rest of the program does."""
    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
def load_the_solver_before_forking(**_: Any) -> None:
    """On a cold machine the solver takes seconds to load: once here, not in each child."""
    importlib.import_module("ortools.math_opt.python.mathopt")
