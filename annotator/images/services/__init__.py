"""Writes of this app: importing, storing, derivatives, verdicts, near duplicates, provenance."""
