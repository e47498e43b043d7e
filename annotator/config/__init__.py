"""Settings, URL table, Celery application: the only package that knows every app."""

from annotator.config.celery import app as celery_app

__all__ = ["celery_app"]
