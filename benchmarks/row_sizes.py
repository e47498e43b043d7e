"""What one face costs in PostgreSQL, and how fast its work is handed out when there are many.

    python -m benchmarks.row_sizes [--faces 200000]

Starts a PostgreSQL of its own, migrates it, and fills it (``row_filling``): each face has a pre-label, first labels,
two checks, the work items and passes of these, a row of the economy and one of a release; a tenth of the faces
still waits for its first labels. Every table is then vacuumed and measured: bytes of a row in the table and in its
indexes. Last the claim is timed, one person after another over one connection, four items each.
docs/operations/scale.md computes from these numbers.

The last line is one JSON object: ``bytes_per_face`` (all tables but images and import entries), ``bytes_per_image``
(those two), ``rows_per_face``, ``rows_per_second`` written, ``claims_per_second``, and ``tables``.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from annotator.embedded.postgres import PostgresServer

CLAIMS: Final = 200
CLAIM_COUNT: Final = 4
"""What the labelling page asks for at a time."""
SIZES: Final = """
SELECT pg_table_size(%s::regclass), pg_indexes_size(%s::regclass)
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.row_sizes", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--faces", type=int, default=200_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jfa-rows-", dir="/tmp") as folder:
        sockets = Path(folder) / "s"
        sockets.mkdir(mode=0o700)
        postgres = PostgresServer(Path(folder) / "pg", sockets=sockets, log=Path(folder) / "pg.log")
        postgres.start()
        try:
            os.environ |= {
                "DATABASE_URL": postgres.url(),
                "REDIS_URL": "redis://127.0.0.1:1/0",
                "JFA_SECRET_KEY": secrets.token_urlsafe(50),
                "JFA_DATA_DIR": os.fspath(Path(folder) / "var"),
                "DJANGO_SETTINGS_MODULE": "annotator.config.settings",
            }
            found = measured(arguments.faces)
        finally:
            postgres.stop()
    for name, table in found["tables"].items():
        print(f"{name:24s} {table['rows']:9d} rows, {table['heap']:6.1f} + {table['indexes']:6.1f} bytes")
    print(json.dumps(found))
    return 0


def measured(faces: int) -> dict[str, Any]:
    """Fill the database that the environment names with so many faces, and measure it."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", "--no-input", verbosity=0)
    from benchmarks import row_filling

    started = time.monotonic()
    dataset, people = row_filling.filled(faces, people=20)
    seconds = time.monotonic() - started
    sizes = {model._meta.db_table: _size(model._meta.db_table) for model in row_filling.TABLES}
    per_image = [model._meta.db_table for model in row_filling.PER_IMAGE]
    whole = {name: size["rows"] * (size["heap"] + size["indexes"]) for name, size in sizes.items()}
    images = sizes[per_image[0]]["rows"]
    rows = sum(size["rows"] for size in sizes.values())
    return {
        "faces": faces,
        "images": images,
        "bytes_per_face": round(
            sum(size for name, size in whole.items() if name not in per_image) / faces, 1
        ),
        "bytes_per_image": round(sum(whole[name] for name in per_image) / images, 1),
        "rows_per_face": round(rows / faces, 2),
        "rows_per_second": round(rows / seconds),
        "claims_per_second": round(_claim_rate(dataset, people), 1),
        "seconds": round(time.monotonic() - started, 1),
        "tables": sizes,
    }


def _size(table: str) -> dict[str, Any]:
    """Rows, and bytes of a row in the table and in its indexes, after VACUUM."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f'VACUUM ANALYZE "{table}"')
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # a model's table
        rows = int(cursor.fetchone()[0])
        cursor.execute(SIZES, (table, table))
        heap, indexes = cursor.fetchone()
    return {"rows": rows, "heap": round(heap / rows, 1), "indexes": round(indexes / rows, 1)}


def _claim_rate(dataset: Any, people: list[Any]) -> float:
    """Claims a second, each of CLAIM_COUNT items, while finished ones lie beside the open ones."""
    from annotator.datasets.models import Role
    from annotator.work.services.claiming import items_claim

    started = time.monotonic()
    for number in range(CLAIMS):
        user = people[number % len(people)]
        if not items_claim(dataset=dataset, user=user, role=Role.ANNOTATOR, count=CLAIM_COUNT):
            raise RuntimeError("A claim came back empty although faces are waiting.")
    return CLAIMS / (time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main())
