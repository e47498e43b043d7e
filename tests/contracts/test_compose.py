"""docker-compose.yml: complete, with health checks, without a default password, every variable documented."""

import re
from typing import Any

import pytest
import yaml

from annotator.embedded.launch_settings import ROOT

SERVICES = {"db", "redis", "web", "worker-cpu", "worker-gpu", "worker-control", "beat", "proxy"}
TEXT = (ROOT / "docker-compose.yml").read_text()
VARIABLES = sorted(set(re.findall(r"(?<!\$)\$\{([A-Z][A-Z0-9_]*)", TEXT)))
SECRETS = sorted(name for name in VARIABLES if re.search(r"PASSWORD|SECRET_KEY$", name))
CONSTRAINED = re.compile(r"^([A-Za-z0-9._-]+)==[A-Za-z0-9.+!]+$")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = yaml.safe_load(TEXT)
    assert isinstance(found, dict)
    return found


def test_it_parses_and_has_every_service(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) >= SERVICES


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_it_checks_the_health_of_each_service(compose: dict[str, Any], name: str) -> None:
    assert compose["services"][name]["healthcheck"]["test"]


def test_it_mounts_only_volumes_that_it_declares(compose: dict[str, Any]) -> None:
    used = {
        mount.split(":")[0]
        for service in compose["services"].values()
        for mount in service.get("volumes", [])
        if not mount.startswith(".")
    }
    assert used == set(compose["volumes"])


def test_it_waits_only_for_services_that_are_there(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])


def test_it_gives_database_and_learning_worker_shared_memory(compose: dict[str, Any]) -> None:
    assert "shm_size" in compose["services"]["db"]
    assert "shm_size" in compose["services"]["worker-gpu"]


def test_it_has_secrets_and_no_default_for_any() -> None:
    assert {"JFA_DB_PASSWORD", "JFA_REDIS_PASSWORD", "JFA_SECRET_KEY"} <= set(SECRETS)
    for name in SECRETS:
        uses = re.findall(rf"\$\{{{name}([^}}]*)\}}", TEXT)
        assert uses
        assert all(use.startswith(":?") and len(use) > 2 for use in uses), name


def test_it_writes_no_password_out() -> None:
    for line in TEXT.splitlines():
        if "PASSWORD:" in line or "SECRET_KEY:" in line:
            assert "${" in line, line


@pytest.mark.parametrize("name", VARIABLES)
def test_it_documents_each_variable_twice(name: str) -> None:
    assert re.search(rf"^#?{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    pages = "".join(page.read_text() for page in (ROOT / "docs" / "operations").glob("*.md"))
    assert f"`{name}`" in pages


def test_it_offers_no_variable_that_nothing_reads() -> None:
    offered = re.findall(r"^#?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(offered) == VARIABLES
    for name in SECRETS:
        assert re.search(rf"^{name}=$", (ROOT / ".env.example").read_text(), re.MULTILINE), (
            "a secret with a value"
        )


def test_it_documents_each_variable_that_the_platform_reads() -> None:
    pages = "".join(page.read_text() for page in (ROOT / "docs" / "operations").glob("*.md"))
    read: set[str] = set()
    for package in ("annotator", "jfa_pipeline", "tfn"):
        for file in (ROOT / package).rglob("*.py"):
            read |= set(
                re.findall(
                    r"(?:environ(?:\.get)?|getenv|_flag|_required)[\[(]\s*\"([A-Z][A-Z0-9_]+)\"",
                    file.read_text(),
                )
            )
    # set by the platform itself, and by torchrun for the processes it starts
    internal = {"DJANGO_SETTINGS_MODULE", "RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}
    assert {name for name in read - internal if f"`{name}`" not in pages} == set()


def test_it_pins_versions_plainly_and_names_no_host() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not CONSTRAINED.match(line)] == []
    names = [re.split("==", line)[0].lower().replace("_", "-") for line in pins]
    assert len(names) == len(set(names))
    assert {"torch", "torchvision", "django", "celery"} <= set(names)
