"""From nothing to the first labelled face, as a newcomer does it.

    python -m benchmarks.first_face [--skip-torch]

Clones this repository into an empty folder, runs `make up` there, and, as soon as the demo's first photographs are
pre-labelled, the browser test of the main job (frontend/e2e/main-job.spec.ts): one person labels a real face, two
others check it, the admin finds it in the release. Then Ctrl-C, and a second start on the same data.

Needs a Chromium on the PATH or in CHROMIUM_PATH. The last line of the output is one JSON object; times are seconds
since `make up`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

from annotator.embedded.browser_tests import find_chromium
from annotator.embedded.launch_settings import ROOT
from annotator.embedded.redis import free_port

FIRST_FACE = "one person corrects a point"
RELEASE = "the admin finds it in the release"
PATIENCE_SECONDS = 900.0


class Newcomer:
    """One clone of the repository and the `make up` that runs in it."""

    def __init__(self, folder: Path, *, skip_torch: bool) -> None:
        self.clone = folder / "clone"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        chosen = {"PORT": str(self.port), **({"JFA_SKIP_TORCH": "1"} if skip_torch else {})}
        dropped = {"DATABASE_URL", "REDIS_URL", "IMAGES", "DATA", "VIRTUAL_ENV"}
        self.environment = {**{k: v for k, v in os.environ.items() if k not in dropped}, **chosen}
        subprocess.run(["git", "clone", "-q", os.fspath(ROOT), os.fspath(self.clone)], check=True)

    def up(self, log: IO[bytes]) -> None:
        """Run `make up` in a process group of its own, as a terminal would."""
        self.began = time.monotonic()
        self.make = subprocess.Popen(
            ["make", "up"],
            cwd=self.clone,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 1)

    def wait_for_sign_in(self) -> float:
        """Seconds until the sign-in page is served."""
        return self._until(self._shows_sign_in, "the sign-in page")

    def wait_for_faces(self) -> float:
        """Seconds until somebody could label: log-ins are known and an image is pre-labelled."""
        logins = self.clone / "var" / "run" / "logins.json"
        return self._until(lambda: logins.exists() and self.status().get("prelabelled", 0) > 0, "pre-labels")

    def status(self) -> dict[str, Any]:
        """What `make status` says."""
        done = subprocess.run(
            ["make", "-s", "status"],
            cwd=self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = done.stdout.strip().splitlines()
        found: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        return found

    def main_job(self) -> dict[str, float]:
        """Run the browser test; seconds at which its steps had passed. Raises if it fails."""
        chromium = find_chromium()
        if chromium is None:
            raise SystemExit("This benchmark needs a Chromium: install it, or name it with CHROMIUM_PATH.")
        environment = {
            **self.environment,
            "E2E_BASE_URL": self.address,
            "E2E_LOGINS": os.fspath(self.clone / "var" / "run" / "logins.json"),
            "CHROMIUM_PATH": os.fspath(chromium),
        }
        test = subprocess.Popen(
            ["npx", "playwright", "test", "main-job", "--reporter=list"],
            cwd=self.clone / "frontend",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        passed: dict[str, float] = {}
        output: list[str] = []
        assert test.stdout is not None  # a pipe was asked for
        for line in test.stdout:
            output.append(line)
            for step in (FIRST_FACE, RELEASE):
                if step in line and ("✓" in line or "ok" in line.split()[:1]):
                    passed[step] = self.seconds()
        if test.wait() != 0 or len(passed) != 2:
            raise RuntimeError("The browser test of the main job failed:\n" + "".join(output[-60:]))
        return passed

    def stop(self) -> int:
        """Ctrl-C; the number of processes of this clone that are left half a minute later at the latest."""
        os.killpg(self.make.pid, signal.SIGINT)
        self.make.wait(timeout=60)
        deadline = time.monotonic() + 30
        while (left := self._processes()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return left

    def _processes(self) -> int:
        found = subprocess.run(
            ["pgrep", "-c", "-f", os.fspath(self.clone)], capture_output=True, text=True, check=False
        )
        return int(found.stdout or 0)

    def _shows_sign_in(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/", timeout=5) as page:
                return b"password" in page.read()
        except (urllib.error.URLError, OSError):
            return False

    def _until(self, condition: Any, what: str) -> float:
        while not condition():
            if self.make.poll() is not None:
                raise RuntimeError(f"`make up` ended before {what} was there")
            if time.monotonic() - self.began > PATIENCE_SECONDS:
                raise TimeoutError(f"waited {PATIENCE_SECONDS:.0f} s for {what}")
            time.sleep(0.1)
        return self.seconds()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--skip-torch", action="store_true", help="leave the learning worker's 5 GB out")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="jfa-first-face-") as folder,
        (Path(folder) / "up.log").open("wb") as log,
    ):
        newcomer = Newcomer(Path(folder), skip_torch=arguments.skip_torch)
        newcomer.up(log)
        try:
            figure: dict[str, Any] = {"sign_in_s": newcomer.wait_for_sign_in()}
            figure["pre_labelled_s"] = newcomer.wait_for_faces()
            print(
                f"sign-in page after {figure['sign_in_s']} s, pre-labels after {figure['pre_labelled_s']} s",
                flush=True,
            )
            steps = newcomer.main_job()
            figure["first_labelled_face_s"] = steps[FIRST_FACE]
            figure["in_the_release_s"] = steps[RELEASE]
            faces = newcomer.status()["faces"]
            figure["left_after_ctrl_c"] = newcomer.stop()
            newcomer.up(log)
            figure["second_start_s"] = newcomer.wait_for_sign_in()
            figure["faces_kept"] = newcomer.status()["faces"] >= faces
        except BaseException:
            sys.stderr.write((Path(folder) / "up.log").read_text()[-3000:])
            raise
        finally:
            if newcomer.make.poll() is None:
                newcomer.stop()
    print(json.dumps(figure))
    return 0 if figure["faces_kept"] and figure["left_after_ctrl_c"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
