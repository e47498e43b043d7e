"""Annotators as threads of one light process: they take faces ahead and submit each by itself, without a pause.

    python -m benchmarks.queue_people < plan.json > ledger.json

One keep-alive connection a person, requests put together by hand: what this process costs is not the platform's.
Started by ``queue.py``; no Django here.
"""

from __future__ import annotations

import json
import random
import resource
import socket
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

KINDS: Final = ("annotate", "check", "check")
"""What a person asks for, in turn: with two checks a face, a third of all passes are first labels."""

PATIENCE_SECONDS: Final = 30.0


class Line:
    """One connection that stays open. Not safe for several threads."""

    def __init__(self, host: str, port: int, cookie: str, csrf: str) -> None:
        self.head = (
            f" HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\nX-CSRFToken: {csrf}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )
        self.socket = socket.create_connection((host, port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, body: str) -> tuple[int, bytes]:
        """Status and body of the answer. Raises OSError when the line breaks."""
        self.socket.sendall(f"POST {path}{self.head}{len(body)}\r\n\r\n{body}".encode("ascii"))
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head = bytes(received[:end]).lower()
        start = head.index(b"content-length:") + len(b"content-length:")
        length = int(head[start:].split(b"\r\n", 1)[0])
        while len(received) < end + 4 + length:
            received += self._more()
        return int(head[9:12]), bytes(received[end + 4 :])

    def _more(self) -> bytes:
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part


@dataclass
class Ledger:
    """What one person saw. Times are seconds of the monotonic clock, which all processes share.

    takes, submits: (moment, seconds) of each request that was answered with 200. held: (item, from, to or None).
    acknowledged: submission id -> (item, revision).
    """

    person: int
    takes: list[tuple[float, float]] = field(default_factory=list)
    submits: list[tuple[float, float]] = field(default_factory=list)
    held: list[tuple[int, float, float | None]] = field(default_factory=list)
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict)
    kept_aside: int = 0
    refusals: dict[str, int] = field(default_factory=dict)


class Annotator:
    """Holds up to ``ahead`` items and takes more when ``refill_at`` are left, as the labelling page does."""

    def __init__(self, plan: dict[str, Any], person: dict[str, Any]) -> None:
        self.plan = plan
        self.line = Line(plan["host"], plan["port"], person["cookie"], person["csrf"])
        self.ledger = Ledger(person["id"])
        self.chance = random.Random(person["id"])  # ages and edits, not secrets
        self.turn = self.chance.randrange(len(KINDS))
        self.queue: list[tuple[dict[str, Any], float]] = []

    def work(self) -> None:
        while time.monotonic() < self.plan["until"]:
            if len(self.queue) <= self.plan["refill_at"]:
                self._take()
            if self.queue:
                self._submit(*self.queue.pop(0))
        self.ledger.held += [(item["id"], since, None) for item, since in self.queue]
        self.line.socket.close()

    def _take(self) -> None:
        have = [item["id"] for item, _ in self.queue]
        wanted = {
            "count": self.plan["ahead"] - len(have),
            "have": have,
            "kinds": [KINDS[self.turn % len(KINDS)]],
        }
        self.turn += 1
        started = time.monotonic()
        status, body = self.line.post(
            f"/api/v1/datasets/{self.plan['dataset']}/work/claim", json.dumps(wanted)
        )
        ended = time.monotonic()
        if status != 200:
            self._refused("take", status, body)
            return
        self.ledger.takes.append((ended, ended - started))
        items = orjson.loads(body)["items"]
        if not items:
            self._refused("nothing to take", 200, b"")
        self.queue += [(item, ended) for item in items if item["id"] not in have]

    def _submit(self, item: dict[str, Any], since: float) -> None:
        submission = str(uuid.uuid4())
        body = self.plan["body"] % {
            "submission": submission,
            "token": item["lease"]["token"],
            "base": item["face"]["base_revision"],
            "age": self.chance.randrange(20, 40),
        }
        started = time.monotonic()
        status, answer = self.line.post(f"/api/v1/work/{item['id']}/submit", body)
        ended = time.monotonic()
        self.ledger.held.append((item["id"], since, ended))
        if status != 200:
            self._refused("submit", status, answer)
            return
        self.ledger.submits.append((ended, ended - started))
        stored = orjson.loads(answer)
        self.ledger.acknowledged[submission] = (item["id"], stored["revision"])
        self.ledger.kept_aside += stored["kept_as"] != "counted"

    def _refused(self, what: str, status: int, body: bytes) -> None:
        code = body[:300].decode(errors="replace") if status >= 500 else ""
        if 400 <= status < 500:
            code = json.loads(body).get("code", "")
        key = f"{what}: {status} {code}".strip()
        self.ledger.refusals[key] = self.ledger.refusals.get(key, 0) + 1


def main() -> int:
    plan = json.load(sys.stdin)
    people = [Annotator(plan, person) for person in plan["people"]]
    threads = [threading.Thread(target=person.work) for person in people]
    before = _cpu_seconds()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = _cpu_seconds() - before
    json.dump({"cpu_seconds": spent, "people": [vars(person.ledger) for person in people]}, sys.stdout)
    return 0


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
