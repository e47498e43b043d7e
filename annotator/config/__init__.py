"""Settings, URL table, Celery application: the only package that knows every app."""
