"""Which Pythons can be used. Syntax that every Python reads, so that an old one gets a sentence (see `__main__`)."""

FROM = (3, 11)
BELOW = (3, 14)


def python_problem(version):
    # type: (tuple[int, ...]) -> str | None
    """Why this Python version, a (major, minor) pair, cannot be used; None when it can."""
    if FROM <= version[:2] < BELOW:
        return None
    return (
        "JFA Studio runs on Python 3.11, 3.12 or 3.13 and this one is {}.{}: install one of those, "  # noqa: UP032
        "or name it, for example make up PYTHON=/usr/bin/python3.11".format(version[0], version[1])
    )
