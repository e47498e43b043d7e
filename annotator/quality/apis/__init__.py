"""Endpoints that look across the work: overview, people, the face explorer."""
