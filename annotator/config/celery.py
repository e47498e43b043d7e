"""The Celery application. Queues: `cpu` (ingest, coarse labels, export), `gpu` (learning), `control`
(what keeps the others going: lost jobs, leases, images that wait; never anything long)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")

app = Celery("jfa_studio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery's "current app" belongs to a thread; every other thread (the web server's) uses the default one.
app.set_default()
