"""The Task-oriented Feature-fused Network: networks, training in stages, prediction.

``config`` names every choice and ``presets`` the usual ones; ``models/network.py`` is the paper's figure;
``assign``, ``sampling`` and ``losses`` are what it learns from, ``train`` the stages S1-S4, ``serve`` prediction
and evaluation, ``data`` where pictures come from. HyperFace will stand beside ``models/network.py``.
"""
