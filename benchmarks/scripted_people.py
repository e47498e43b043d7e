"""Annotators that work through the public API as a page would, and remember what was acknowledged."""

from __future__ import annotations

import contextlib
import random
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from benchmarks.http_person import HttpPerson, NoAnswer, Refused
from benchmarks.ledger import Ledger
from benchmarks.platform_under_test import Platform

IMAGE_SIDE = 2400
FACE_SIDE = 180
FACES_ACROSS = 10
PASSES_PER_FACE = 3
SUPPLY = 5
"""Work for so many times the submissions asked for: on a quick machine the kills take longer than the work."""
RETRY_FOR_SECONDS = 120.0


def prepare_dataset(platform: Platform, *, annotators: int, submissions: int) -> tuple[int, list[HttpPerson]]:
    """A dataset with images to sweep and as many annotators as asked, made through the API.

    The images are noise on which no detector finds a face; each sweep adds a grid of faces, so that there is
    work for SUPPLY times ``submissions``.
    """
    admin = platform.admin()
    dataset = admin.call("POST", "/datasets", {"name": "Kill test", "policy": {"test_share": 0}})["id"]
    people = []
    for number in range(annotators):
        invited = admin.call(
            "POST", f"/datasets/{dataset}/people", {"username": f"scripted{number}", "role": "annotator"}
        )
        person = HttpPerson(platform.address, invited["username"], invited["password"])
        person.sign_in()
        people.append(person)
    per_image = FACES_ACROSS**2 * PASSES_PER_FACE + 1
    count = -(-submissions * SUPPLY // per_image)
    noise = np.random.default_rng(0)
    files = {}
    for number in range(count):
        pixels = noise.integers(0, 255, (IMAGE_SIDE // 40, IMAGE_SIDE // 40, 3), dtype=np.uint8)
        picture = cv2.resize(pixels, (IMAGE_SIDE, IMAGE_SIDE), interpolation=cv2.INTER_NEAREST)
        files[f"noise{number}.png"] = cv2.imencode(".png", picture)[1].tobytes()
    admin.upload(f"/datasets/{dataset}/imports", files, {"source": "benchmarks.kill_nine"})
    deadline = time.monotonic() + 180
    while True:
        overview = admin.call("GET", f"/datasets/{dataset}/overview")
        if overview["images"]["prelabelled"] >= count:
            return dataset, people
        if time.monotonic() > deadline:
            raise TimeoutError(f"the {count} images were not pre-labelled within three minutes: {overview}")
        time.sleep(0.5)


class Annotator:
    """One person's loop: claim a few items, submit each, try again with the same id when no answer comes."""

    def __init__(self, address: str, dataset: int, person: HttpPerson, ledger: Ledger, *, seed: int) -> None:
        self.dataset = dataset
        self.person = person
        self.ledger = ledger
        self.random = random.Random(seed)

    def work_until(self, enough: threading.Event) -> None:
        while not enough.is_set():
            claimed = self._until_answered(
                lambda: self.person.call(
                    "POST", f"/datasets/{self.dataset}/work/claim", {"count": 4, "have": []}
                )
            )
            if not claimed["items"]:
                if not any(claimed["waiting"].values()):
                    return
                time.sleep(0.2)
                continue
            for item in claimed["items"]:
                self._submit(item)
                if enough.is_set():
                    return

    def _submit(self, item: dict[str, Any]) -> None:
        body = self._sweep(item) if item["kind"] == "sweep" else self._labels(item)
        submission = str(uuid.uuid4())
        body |= {"submission_id": submission, "token": item["lease"]["token"], "active_ms": 1000}
        path = f"/work/{item['id']}/submit"
        with self.ledger.lock:
            self.ledger.sent.add(submission)
        try:
            answer = self._until_answered(lambda: self.person.call("POST", path, body))
        except Refused:
            with self.ledger.lock:
                self.ledger.refused += 1
            return
        with self.ledger.lock:
            self.ledger.acknowledged[submission] = answer
        if self.random.random() < 0.1:
            again = self._until_answered(lambda: self.person.call("POST", path, body))
            with self.ledger.lock:
                self.ledger.repeats += 1
                if again != answer:
                    self.ledger.faults.append(f"submission {submission}: first {answer}, repeated {again}")

    def _until_answered(self, send: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + RETRY_FOR_SECONDS
        while True:
            try:
                return send()
            except NoAnswer:
                if time.monotonic() > deadline:
                    raise
                with self.ledger.lock:
                    self.ledger.retries += 1
                time.sleep(0.1 + 0.2 * self.random.random())
            except Refused as error:
                if error.status != 401:
                    raise
                with contextlib.suppress(NoAnswer):
                    self.person.sign_in()

    def _labels(self, item: dict[str, Any]) -> dict[str, Any]:
        face = item["face"]
        labels = dict(face["labels"], age=float(self.random.randint(18, 70)))
        if item["kind"] == "check":
            return {"verdict": "accept", "base_revision": face["base_revision"], "labels": labels}
        x1, y1, x2, y2 = labels["box"]
        labels |= {
            "landmarks": [
                [
                    x1 + (x2 - x1) * self.random.uniform(0.1, 0.9),
                    y1 + (y2 - y1) * self.random.uniform(0.1, 0.9),
                ]
                for _ in range(68)
            ],
            "visibility": [0] * 68,
            "gender": "female",
            "ethnicity": "unsure",
            "flags": [],
        }
        return {"verdict": "save", "base_revision": face["base_revision"], "labels": labels}

    def _sweep(self, item: dict[str, Any]) -> dict[str, Any]:
        step = IMAGE_SIDE / FACES_ACROSS
        added = [
            {
                "box": [
                    column * step + 20,
                    row * step + 20,
                    column * step + 20 + FACE_SIDE,
                    row * step + 20 + FACE_SIDE,
                ]
            }
            for row in range(FACES_ACROSS)
            for column in range(FACES_ACROSS)
        ]
        return {"added": added, "rejected": [], "verdict": None}
