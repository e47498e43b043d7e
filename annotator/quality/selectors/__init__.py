"""Reads of this app: overview, edit distances, people's figures."""
