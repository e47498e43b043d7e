"""`python -m annotator.learning.engine` prints what this machine can learn with as one JSON line.

A worker asks in a process of its own: a torch call before a fork hangs the child.
"""

from __future__ import annotations

import json

from annotator.learning.engine import learning_capabilities

if __name__ == "__main__":
    print(json.dumps(learning_capabilities()))
