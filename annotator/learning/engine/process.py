"""``python -m annotator.learning.engine.process MODULE ARGUMENT...``: a module's ``main`` that dies with its parent.

The tie to the parent, whose id is in JFA_TRAINING_PARENT, comes first: importing torch takes seconds, in which a
process would outlive a worker that is killed.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Final

from annotator.jobs.heartbeat import die_with_parent

PARENT: Final = "JFA_TRAINING_PARENT"
MODULES: Final = ("annotator.learning.engine.train", "annotator.learning.engine.judge")


def main(arguments: list[str]) -> int:
    """The exit status of the module's own ``main``. Raises ValueError for another module."""
    die_with_parent(int(os.environ[PARENT]))
    module, *rest = arguments
    if module not in MODULES:
        raise ValueError(f"{module} is none of {', '.join(MODULES)}.")
    status: int = importlib.import_module(module).main(rest)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
