"""Datasets, who is a member in which role, and the versioned labelling policy."""
