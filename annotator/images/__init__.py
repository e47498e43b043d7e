"""Ingest and images: content-addressed originals, derivatives without metadata, provenance, duplicates."""
