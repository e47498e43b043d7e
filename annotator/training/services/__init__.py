"""Writes of this app: create, advance and trigger runs; and the body of a training job."""
