"""Where measurements run: the product's own settings, on a database that is made and dropped for them.

SQLite in a temporary folder, or the server of ``DATABASE_URL`` with a database named ``test_...``.
"""

import os
import platform
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
BALQON = ROOT / "data" / "balqon.json"


@contextmanager
def empty_database() -> Iterator[None]:
    """Set Django up, with the settings of production, on an empty database."""
    with tempfile.TemporaryDirectory(prefix="driveline-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/driveline.sqlite3")
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "off",
            "HTTPS": "off",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ALLOWED_HOSTS": "localhost,testserver",
            "STATIC_FROM_SOURCE": "on",
            "LOG_LEVEL": "WARNING",
            "LOG_FORMAT": "console",
            "VAR_DIR": folder,
        }
        os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
        Path(folder, "static").mkdir()
        django.setup()
        from django.db import connection

        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = f"{folder}/measured.sqlite3"
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def describe_machine() -> str:
    """Processor count, load, Python and database, in words."""
    from django.db import connection

    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    with connection.cursor() as cursor:
        query = "SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version"
        cursor.execute(query)
        (version,) = cursor.fetchone()
    database = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    return (
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"{database} {str(version).split()[0]}; load average at the end {load}"
    )
