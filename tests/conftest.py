"""Fixtures of every test: the fixed cast. The servers come from annotator.embedded.pytest_servers."""

from hypothesis import settings

pytest_plugins = ["tests.cast"]

# A shared machine may take any time for one example; what a property says does not depend on it.
settings.register_profile("jfa", deadline=None)
settings.load_profile("jfa")
