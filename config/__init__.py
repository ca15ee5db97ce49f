"""Wiring: settings, URLs, the Celery application, the broker of the demo, and the demo itself."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
