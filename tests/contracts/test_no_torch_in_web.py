"""A web process with every URL loaded has no torch in it (design section 10)."""

import subprocess
import sys

from annotator.embedded.launch_settings import ROOT

_PROGRAM = """
import sys
from annotator.config.wsgi import application
from django.urls import get_resolver

def load(resolver):
    count = 0
    for pattern in resolver.url_patterns:
        count += load(pattern) if hasattr(pattern, "url_patterns") else 1
    return count

routes = load(get_resolver())
heavy = sorted(name for name in sys.modules if name.split(".")[0] in {"torch", "torchvision", "tfn"})
print(routes, heavy)
"""


def test_it_loads_every_url_without_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    routes, heavy = done.stdout.split(maxsplit=1)
    assert int(routes) > 20
    assert heavy.strip() == "[]"
