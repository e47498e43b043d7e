"""What the Makefile and the environment say about a start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class LaunchError(Exception):
    """The start cannot go on; the text is one sentence that says what to do."""


@dataclass(frozen=True)
class LaunchSettings:
    """Folders, port and choices of one start. `database_url`/`redis_url`: servers of the user's own, or None."""

    root: Path
    data: Path
    host: str
    port: int
    images: Path | None
    install_torch: bool
    torch_index_url: str | None
    database_url: str | None
    redis_url: str | None

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def logs(self) -> Path:
        return self.data / "log"

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def frontend(self) -> Path:
        return self.root / "frontend"

    @property
    def address(self) -> str:
        shown = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - only compared
        return f"http://{shown}:{self.port}/"


def _port(text: str) -> int:
    if not text.isdecimal():
        raise LaunchError(f"PORT={text} is not a number: choose one, for example PORT=8000.")
    return int(text)


def _images(text: str) -> Path | None:
    if not text:
        return None
    folder = Path(text).expanduser().absolute()
    if not folder.exists():
        raise LaunchError(f"IMAGES={text} does not exist: name a folder, a zip file or a manifest.")
    return folder


def read_settings(environ: Mapping[str, str] | None = None, *, root: Path = ROOT) -> LaunchSettings:
    """Settings from the environment. Raises `LaunchError` for a value that cannot be meant."""
    env = os.environ if environ is None else environ
    return LaunchSettings(
        root=root,
        data=(root / env.get("DATA", "")).absolute() if env.get("DATA") else root / "var",
        host=env.get("HOST_ADDRESS") or "127.0.0.1",
        port=_port(env.get("PORT") or "8000"),
        images=_images(env.get("IMAGES", "")),
        install_torch=env.get("JFA_SKIP_TORCH", "") not in {"1", "true", "yes"},
        torch_index_url=env.get("TORCH_INDEX_URL") or None,
        database_url=env.get("DATABASE_URL") or None,
        redis_url=env.get("REDIS_URL") or None,
    )
