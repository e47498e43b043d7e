"""This app reads; it owns no rows yet."""
