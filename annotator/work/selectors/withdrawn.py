"""Versions whose author took them back: they stay in the face's chain and count for nothing."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q

from annotator.work.models import Pass

NOT_TAKEN_BACK: Final = """NOT EXISTS (SELECT 1 FROM work_pass p WHERE p.revision_id = r.id AND NOT p.counted
    AND p.answer -> 'taken_back' = 'true')"""
"""The same as ``not_taken_back``, in SQL about a revision ``r``."""


def not_taken_back() -> Q:
    """A condition for revisions: they were made by no pass, or by one that still counts or never did.

    A pass that is taken back is no longer counted and its stored answer says so (``services.taking_back``); the
    ``side`` revision of a late pass is another matter and stays.
    """
    return Q(~Exists(Pass.objects.filter(revision=OuterRef("pk"), counted=False, answer__taken_back=True)))
