"""Coarse labels of single pictures from the command line: ``python -m jfa_pipeline.cli coarse IMAGE...``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jfa_pipeline.coarse.protocol import CoarseFace, ProviderError
from jfa_pipeline.coarse.registry import PROVIDERS, provider_by_name
from jfa_pipeline.core.pixels import PixelsRefused, decode

_FAILED: Final = 1


def face_json(face: CoarseFace) -> dict[str, Any]:
    """One face in plain JSON types, coordinates in pixels of the upright image (continuous frame)."""
    return {
        **face.labels.to_json(),
        "score": face.score,
        "detector": face.detector,
        "needs_person": face.needs_person,
        "reason": face.reason,
    }


def coarse(paths: Sequence[Path], *, provider_name: str) -> int:
    """Print one JSON object a picture: {file, provider, version, faces} or {file, error}; 1 if any failed."""
    provider = provider_by_name(provider_name)
    status = 0
    for path in paths:
        line: dict[str, Any] = {"file": str(path)}
        try:
            faces = provider.label(decode(path.read_bytes()))
        except (OSError, PixelsRefused, ProviderError) as error:
            line["error"] = str(error)
            status = _FAILED
        else:
            line |= {
                "provider": provider.name,
                "version": provider.version,
                "faces": [face_json(face) for face in faces],
            }
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m jfa_pipeline.cli", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    labels = commands.add_parser("coarse", help="boxes, 68 landmarks, age and gender as JSON lines")
    labels.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    labels.add_argument("--provider", choices=PROVIDERS, default="packaged")
    options = parser.parse_args(arguments)
    try:
        return coarse(options.images, provider_name=options.provider)
    except ProviderError as error:
        print(error, file=sys.stderr)
        return _FAILED


if __name__ == "__main__":
    sys.exit(main())
