"""The few overrides that make tests fast and the same on every machine."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# Before the settings are read: what stands in a developer's .env does not matter here.
os.environ["DEBUG"] = "on"
os.environ.setdefault("SECRET_KEY", "a-key-for-tests-only-" * 3)
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("DATABASE_URL", "")
os.environ.setdefault("REDIS_URL", "")
os.environ["PLAN_WORKERS"] = "1"  # another number makes another plan
if not os.environ.get("VAR_DIR"):
    # One folder for the run; the processes of a parallel run inherit it.
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="driveline-tests-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

from config.settings import *  # noqa: F403

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, so that the worker processes that some tests start see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "tests.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"

# A request that asks the database once per row fails.
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = True
