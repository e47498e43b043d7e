"""What the machine lacks is one sentence with a remedy."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from annotator.embedded.launch_settings import ROOT, LaunchError, read_settings
from annotator.embedded.prerequisites import node_problem, port_problem
from annotator.embedded.python_version import python_problem


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_it_takes_the_supported_pythons(version: tuple[int, int]) -> None:
    assert python_problem(version) is None


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 14)])
def test_it_refuses_other_pythons_in_one_sentence(version: tuple[int, int]) -> None:
    problem = python_problem(version)
    assert problem is not None
    assert f"{version[0]}.{version[1]}" in problem
    assert "\n" not in problem


@pytest.mark.parametrize("text", ["v20.19.0\n", "v20.20.2", "v22.12.0", "v24.1.0"])
def test_it_takes_a_node_that_can_run_the_builder(text: str) -> None:
    assert node_problem(text) is None


@pytest.mark.parametrize("text", [None, "v18.20.4\n", "v20.18.9", "v21.7.0", "v22.11.0", "what?"])
def test_it_refuses_a_missing_or_old_node_in_one_sentence(text: str | None) -> None:
    problem = node_problem(text)
    assert problem is not None
    assert "install Node 20.19 or newer" in problem
    assert "\n" not in problem


def test_it_names_a_busy_port_and_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        problem = port_problem("127.0.0.1", port)
    assert problem is not None
    assert f"Port {port}" in problem
    assert "PORT=" in problem
    assert port_problem("127.0.0.1", port) is None


@pytest.mark.parametrize("port", [0, 65536])
def test_it_refuses_a_number_that_is_no_port(port: int) -> None:
    assert "is no port" in str(port_problem("127.0.0.1", port))


def test_it_refuses_a_port_that_is_no_number_and_images_that_are_not_there() -> None:
    with pytest.raises(LaunchError, match="PORT=abc"):
        read_settings({"PORT": "abc"})
    with pytest.raises(LaunchError, match="IMAGES=no/such/folder"):
        read_settings({"IMAGES": "no/such/folder"})


def _make_up(tmp_path: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", "--no-print-directory", "up", f"DATA={tmp_path / 'data'}", f"PYTHON={sys.executable}"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_ends_make_up_with_the_port_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = _make_up(tmp_path, PORT=str(taken.getsockname()[1]))
    assert done.returncode != 0
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_ends_make_up_with_the_node_sentence(tmp_path: Path) -> None:
    old = tmp_path / "bin"
    old.mkdir()
    for name in ("node", "npm"):
        (old / name).write_text("#!/bin/sh\necho v18.0.0\n")
        (old / name).chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = _make_up(tmp_path, PATH=f"{old}:{os.environ['PATH']}", PORT=str(port))
    assert done.returncode != 0
    assert "Node v18.0.0 is too old" in done.stderr
    assert "Traceback" not in done.stderr
