"""The Task-oriented Feature-fused Network: networks, training in stages, prediction.

``config`` names every choice and ``presets`` the usual ones; ``models/network.py`` is the paper's figure;
``assign``, ``sampling`` and ``losses`` are what it learns from, ``train`` the stages S1-S4, ``serve`` prediction
and evaluation, ``data`` where pictures come from. HyperFace will stand beside ``models/network.py``.
"""

import os

# Torch's threads spin while they wait for each other. Beside any other program (a web server, a database) the
# waiting ones hold the cores that the others need: predicting on two cores became 14 times slower. Let
# them sleep instead. Read once, when torch is loaded, so this has to come before it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
