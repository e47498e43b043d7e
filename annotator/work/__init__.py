"""Handing out work: items, leases, passes, drafts, submissions; and what a submission leads to."""
