"""How much memory the embedded PostgreSQL keeps pages in."""

import pytest

from annotator.embedded.postgres import shared_buffers

GIGABYTE = 1024**3


@pytest.mark.parametrize(
    ("memory", "megabytes"),
    [(GIGABYTE // 2, 128), (2 * GIGABYTE, 256), (4 * GIGABYTE, 512), (64 * GIGABYTE, 1024)],
)
def test_it_takes_an_eighth_of_the_memory_within_bounds(memory: int, megabytes: int) -> None:
    assert shared_buffers(memory) == megabytes
