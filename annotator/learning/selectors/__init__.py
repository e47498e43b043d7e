"""Reads of this app: worker nodes, images that wait, and the model registry."""
