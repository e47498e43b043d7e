"""Who was shown which photograph: noted before the picture is sent."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils.timezone import now

from annotator.accounts.models import User
from annotator.images.models import Image

THUMBNAIL: Final = 256
"""Pictures up to this many pixels wide are what lists show: too small to count as viewing the photograph."""

CROP_SHARE: Final = 0.5
"""A crop of at least this part of the photograph's area counts as viewing it."""

REMEMBERED: Final = 20_000

NOTE: Final = """
INSERT INTO images_imageview (user_id, dataset_id, image_id, hour) VALUES (%s, %s, %s, %s)
ON CONFLICT (user_id, image_id, hour) DO NOTHING
"""

_Key = tuple[int, int, datetime]


class _Noted:
    """What this process has noted already, the newest REMEMBERED; spares a statement, never decides anything."""

    def __init__(self) -> None:
        self._keys: OrderedDict[_Key, None] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, key: _Key) -> bool:
        with self._lock:
            return key in self._keys

    def add(self, key: _Key) -> None:
        with self._lock:
            self._keys[key] = None
            while len(self._keys) > REMEMBERED:
                self._keys.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._keys.clear()


noted: Final = _Noted()


def view_note(*, image: Image, user: User) -> None:
    """Note that the person is shown the photograph now: one row for each person, image and clock hour (UTC).

    One statement, committed by itself, so that nobody sees a picture that is not in the log; none at all where
    this process has noted the same before.
    """
    hour = now().replace(minute=0, second=0, microsecond=0)
    key = (user.pk, image.pk, hour)
    if noted.has(key):
        return
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [user.pk, image.dataset_id, image.pk, hour])
    if not connection.in_atomic_block:  # an outer transaction may still be rolled back
        noted.add(key)


def crop_view_note(
    *, image: Image, user: User, region: tuple[float, float, float, float], pixels: int
) -> None:
    """``view_note`` for a crop, if it is wider than THUMBNAIL and shows CROP_SHARE of the photograph or more.

    region: x, y, width, height in pixels of the upright image; it may reach outside. pixels: width of the answer.
    """
    x, y, w, h = region
    width = min(x + w, image.width) - max(x, 0)
    height = min(y + h, image.height) - max(y, 0)
    shows = width > 0 and height > 0 and width * height >= CROP_SHARE * image.width * image.height
    if shows and pixels > THUMBNAIL:
        view_note(image=image, user=user)
