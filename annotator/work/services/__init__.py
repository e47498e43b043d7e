"""Writes of this app: one module for each thing that can happen to a work item.

Locks are always taken in this order, so that nobody waits in a circle: membership, image, faces by id, items
by id. The claim never waits (SKIP LOCKED).
"""
