"""Entry of every command in the Makefile: `python -m annotator.embedded COMMAND`.

Plain syntax down to the version check, so that an old Python gets a sentence instead of a traceback.
"""

import sys

from annotator.embedded.python_version import python_problem

if __name__ == "__main__":
    problem = python_problem(tuple(sys.version_info[:2]))
    if problem:
        sys.exit(problem)
    from annotator.embedded.commands import main  # only now: its modules need the checked version

    sys.exit(main(sys.argv[1:]))
