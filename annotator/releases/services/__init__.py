"""Writes of this app: freeze a release, write its folder, read a release back in."""
