"""Keeps a set of child processes running until somebody asks to stop, then ends them in order and reaps them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from annotator.embedded import undertaker
from annotator.embedded.console import say
from annotator.embedded.service import Service
from annotator.embedded.spawn import kill_group, stop
from annotator.embedded.stopping import SignalWatch

_IDLE_WAIT = 5.0


class Supervisor:
    """Services are restarted when they end; chores run once and report their end.

    `pids_file` always tells the children's process ids (name -> pid); it is replaced atomically.
    """

    def __init__(self, watch: SignalWatch, *, pids_file: Path) -> None:
        self.watch = watch
        self.pids_file = pids_file
        self.services: list[Service] = []
        self._chores: dict[str, tuple[subprocess.Popen[bytes], Callable[[int], None]]] = {}
        pids_file.parent.mkdir(parents=True, exist_ok=True)
        pids_file.unlink(missing_ok=True)
        self._undertaker = subprocess.Popen(
            [sys.executable, "-m", undertaker.__name__, os.fspath(pids_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def add(self, service: Service, *, running: subprocess.Popen[bytes] | None = None) -> Service:
        """Look after the service from now on; start it unless it is `running` already."""
        self.services.append(service)
        if running is None:
            service.launch()
        else:
            service.process = running
            service.started_at = time.monotonic()
        self._write_pids()
        return service

    def add_chore(self, name: str, process: subprocess.Popen[bytes], on_end: Callable[[int], None]) -> None:
        """Look after a process that ends by itself; `on_end` gets its exit status."""
        self._chores[name] = (process, on_end)
        self._write_pids()

    def tend_until(self, done: Callable[[], bool], *, patience: float, interval: float = 0.05) -> bool:
        """Look after the children until `done` holds (True) or `patience` seconds are over (False)."""
        deadline = time.monotonic() + patience
        while True:
            self.watch.check()
            self._tend()
            if done():
                return True
            if time.monotonic() >= deadline:
                return False
            self.watch.wait(interval)

    def tend_for_ever(self) -> None:
        """Look after the children until `StopRequested`."""
        while True:
            self.watch.check()
            self._tend()
            planned = [service.restart_at for service in self.services if service.restart_at is not None]
            self.watch.wait(min([_IDLE_WAIT, *(at - time.monotonic() for at in planned)]))

    def shut_down(self, order: Sequence[Sequence[str]]) -> None:
        """End the chores, then the services: group after group, those of one group at the same time."""
        for process, _on_end in self._chores.values():
            stop(process, number=signal.SIGTERM, patience=2.0)
        self._chores.clear()
        named = {service.name: service for service in self.services}
        rest = [name for name in named if not any(name in group for group in order)]
        for group in (rest, *order):
            self._end_together([named[name] for name in group if name in named])
        self.pids_file.unlink(missing_ok=True)
        self._undertaker.communicate(undertaker.TIDY)

    def _tend(self) -> None:
        now = time.monotonic()
        changed = False
        for name, (process, on_end) in list(self._chores.items()):
            status = process.poll()
            if status is not None:
                del self._chores[name]
                kill_group(process.pid)
                changed = True
                on_end(status)
        for service in self.services:
            if service.process is not None and service.process.poll() is not None:
                kill_group(service.process.pid)
                delay = service.note_end(now)
                if service.ends_in_a_row & (service.ends_in_a_row - 1) == 0:  # 1, 2, 4, 8 ...: not each one
                    how = _how(service.process.returncode)
                    say(
                        f"{service.name} ended ({how}); starting it again in {delay:.1f} s. Its log tells why."
                    )
                service.process = None
                changed = True
            if service.process is None and service.restart_at is not None and now >= service.restart_at:
                service.launch()
                changed = True
        if changed:
            self._write_pids()

    def _end_together(self, services: Sequence[Service]) -> None:
        alive = [service for service in services if service.process is not None]
        steps = max((len(service.stop_signals) for service in alive), default=0)
        for step in range(steps):
            waiting = [
                s for s in alive if s.process and s.process.poll() is None and step < len(s.stop_signals)
            ]
            for service in waiting:
                if service.process is not None:
                    service.process.send_signal(service.stop_signals[step][0])
            deadline = time.monotonic() + max((s.stop_signals[step][1] for s in waiting), default=0.0)
            while any(s.process and s.process.poll() is None for s in waiting):
                if time.monotonic() >= deadline:
                    break
                self.watch.wait(0.1)
        for service in alive:
            if service.process is not None:
                stop(service.process, number=signal.SIGKILL, patience=5.0)
                service.process = None

    def _write_pids(self) -> None:
        pids = {"supervisor": os.getpid()}
        pids |= {
            service.name: service.process.pid for service in self.services if service.process is not None
        }
        pids |= {name: process.pid for name, (process, _on_end) in self._chores.items()}
        fresh = self.pids_file.with_suffix(".new")
        fresh.write_text(json.dumps(pids))
        fresh.replace(self.pids_file)


def _how(status: int) -> str:
    """An exit status in words."""
    return f"status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"
