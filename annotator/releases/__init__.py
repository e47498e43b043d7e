"""Immutable dataset versions: frozen, written, downloaded, and read back."""
