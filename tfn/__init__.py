"""The Task-oriented Feature-fused Network: networks, training in stages, prediction.

Its parts arrive with their own issue; docs/architecture.md says what is here today.
"""
