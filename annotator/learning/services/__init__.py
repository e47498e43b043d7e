"""Writes of this app: pre-labelling, and worker nodes saying that they are alive."""
