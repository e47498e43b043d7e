"""Fixtures of every test: the fixed cast. The servers come from annotator.embedded.pytest_servers."""

pytest_plugins = ["tests.cast"]
