"""Reads of this app: the items a page shows, what is blocked and why, a person's own work."""
