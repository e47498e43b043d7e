"""Celery functions of the demo."""

from __future__ import annotations

from celery import shared_task

from annotator.demo.services import DRAW_TASK, demo_draw


@shared_task(name=DRAW_TASK)
def draw() -> None:
    """Drawing takes seconds, so the start of the platform does not wait for it. A lost message: the next start."""
    demo_draw()
