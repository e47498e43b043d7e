"""Faces and their append-only revisions."""
