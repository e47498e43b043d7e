"""Decoding photographs in threads, ahead of the network that looks at them.

Reading a file and decoding it release the interpreter, so threads are enough. What is decoded ahead is bounded
by its size in memory, so that huge photographs do not fill it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from annotator.images.models import Image
from annotator.images.services.storing import file_read
from jfa_pipeline.core.pixels import PixelsRefused, RgbPixels, decode

AHEAD_BYTES: Final = 256 * 1024**2
"""Of decoded pixels that nobody has taken yet; one image is decoded ahead however large it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """An image with its upright pixels, or with the reason why there are none.

    pixels: (H, W, 3), reduced by 2, 4 or 8 where the decoder could do so; ``scale`` is then what one of them
    measures in pixels of the image, along x and y.
    """

    image: Image
    pixels: RgbPixels | None
    problem: str = ""

    @property
    def scale(self) -> tuple[float, float]:
        if self.pixels is None:
            return 1.0, 1.0
        height, width = self.pixels.shape[:2]
        return self.image.width / width, self.image.height / height


def decoded_ahead(
    images: Iterator[Image], *, threads: int, longest_side: int | None, ahead: int
) -> Generator[Decoded]:
    """The images in their order, each decoded by one of ``threads`` while the caller is busy with earlier ones.

    ``images`` is read in the caller's thread; close the iterator to stop early. longest_side: a JPEG may come
    out reduced, its longer side no shorter than this. At most ``ahead`` images and AHEAD_BYTES wait. Errors that
    are not about one image (a full disk, a storage that does not answer) are raised.
    """
    waiting: deque[tuple[Future[Decoded], int]] = deque()
    held = 0
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
    more = True
    try:
        while True:
            while more and len(waiting) < ahead and (held < AHEAD_BYTES or not waiting):
                image = next(images, None)
                if image is None:
                    more = False
                    break
                size = _decoded_bytes(image, longest_side)
                waiting.append((pool.submit(image_decode, image, longest_side=longest_side), size))
                held += size
            if not waiting:
                return
            future, size = waiting.popleft()
            held -= size
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def image_decode(image: Image, *, longest_side: int | None = None) -> Decoded:
    """One image's pixels; touches no database, so any thread may call it."""
    try:
        pixels = decode(file_read(image.file), rotation=image.rotation, min_side=longest_side)
    except FileNotFoundError:
        return Decoded(image, None, "The stored file of this image is gone; import the photograph again.")
    except PixelsRefused as error:
        return Decoded(image, None, f"The pixels cannot be read: {error.message}")
    return Decoded(image, np.ascontiguousarray(pixels))


def _decoded_bytes(image: Image, longest_side: int | None) -> int:
    """About how much memory the decoded image takes; a reduced one is less than twice as long as asked for."""
    longest = max(image.width, image.height)
    share = min(1.0, 2 * longest_side / longest) if longest_side and image.format == "JPEG" else 1.0
    return int(3 * image.width * image.height * share**2)
