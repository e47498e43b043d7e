"""The Task-oriented Feature-fused Network: networks, training in stages, prediction.

``config`` names every choice; ``models/network.py`` is the figure; ``assign``, ``sampling`` and ``losses`` are
what it learns from; docs/architecture.md says which parts are still to come.
"""
