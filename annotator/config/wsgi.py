"""The WSGI entry point that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
application = get_wsgi_application()

# Modules, models and addresses stay for good: what is collected from now on is what requests leave behind.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
