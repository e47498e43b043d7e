"""Commands without a server: ``python -m jfa_pipeline.cli coarse IMAGE...`` labels single pictures,
``python -m jfa_pipeline.cli shape-model RELEASE --out FILE`` estimates the shape model from a release's accepted faces.
"""

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
from jfa_pipeline.formats.native import NativeFormatError
from jfa_pipeline.statistics.shape_estimation import default_model, release_model
from jfa_pipeline.statistics.shape_model import ShapeModelInvalid, read_shape_model, shape_model_text

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


def shape_model(release: Path | None, *, prior: Path | None, out: Path) -> int:
    """Write a shape model and say on how many faces it was estimated; without a release the default one."""
    try:
        if release is None:
            model = default_model()
        else:
            model = release_model(release, prior=None if prior is None else read_shape_model(prior))
        out.write_text(shape_model_text(model), encoding="utf-8")
    except (NativeFormatError, ShapeModelInvalid, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return _FAILED
    print(json.dumps({"out": str(out), "faces": model.faces, "source": model.source}, ensure_ascii=False))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m jfa_pipeline.cli", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    labels = commands.add_parser("coarse", help="boxes, 68 landmarks, age and gender as JSON lines")
    labels.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    labels.add_argument("--provider", choices=PROVIDERS, default="packaged")
    shape = commands.add_parser("shape-model", help="estimate the shape model of 68 points")
    which = shape.add_mutually_exclusive_group(required=True)
    which.add_argument("release", nargs="?", type=Path, metavar="RELEASE", help="folder of a native release")
    which.add_argument("--default", action="store_true", help="the shipped model, from invented heads")
    shape.add_argument(
        "--prior", type=Path, help="model that few faces are mixed with; the shipped one if not given"
    )
    shape.add_argument("--out", type=Path, required=True, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.command == "shape-model":
        return shape_model(options.release, prior=options.prior, out=options.out)
    try:
        return coarse(options.images, provider_name=options.provider)
    except ProviderError as error:
        print(error, file=sys.stderr)
        return _FAILED


if __name__ == "__main__":
    sys.exit(main())
