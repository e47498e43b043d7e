"""What the machine must bring: a Node, a free port. Each problem is one sentence with the remedy.

Standard library only.
"""

import re
import shutil
import socket
import subprocess


def node_problem(text: str | None) -> str | None:
    """Why the Node whose `node --version` printed `text` (None: there is none) cannot be used; None when it can.

    The builder (Vite 8) takes Node 20 from 20.19, and 22.12 or newer.
    """
    remedy = "install Node 20.19 or newer (of the 22 series, 22.12 or newer) with npm and put it on the PATH."
    if text is None:
        return f"The front end is built with Node and npm, and they are not here: {remedy}"
    found = re.match(r"v?(\d+)\.(\d+)", text.strip())
    if found is None:
        return f"`node --version` printed {text.strip()!r}, which is no version: {remedy}"
    version = (int(found.group(1)), int(found.group(2)))
    if (20, 19) <= version < (21, 0) or version >= (22, 12):
        return None
    return f"Node {text.strip()} is too old to build the front end: {remedy}"


def node_version() -> str | None:
    """What `node --version` prints; None when there is no Node, or no npm beside it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    try:
        done = subprocess.run(["node", "--version"], stdout=subprocess.PIPE, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def port_problem(host: str, port: int) -> str | None:
    """Why the web server cannot listen on the port; None when it can."""
    if not 1 <= port <= 65535:
        return f"PORT={port} is no port: choose one between 1024 and 65535, for example PORT=8000."
    other = port + 1 if port < 65535 else 8000
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return f"Port {port} is reserved for the system: choose another, for example make up PORT=8000."
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            return (
                f"Port {port} on {host} cannot be used ({why}): stop the program that has it, "
                f"or choose another, for example make up PORT={other}"
            )
    return None
