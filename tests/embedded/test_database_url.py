"""DATABASE_URL, read into Django's settings."""

import pytest

from annotator.config.database_url import parse_database_url


def test_it_reads_host_port_and_name() -> None:
    found = parse_database_url("postgresql://jfa:secret@db:5433/faces")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "jfa",
        "secret",
        "db",
        "5433",
        "faces",
    )


def test_it_reads_a_socket_folder() -> None:
    found = parse_database_url("postgresql://jfa:secret@/faces?host=/tmp/jfa-12")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("/tmp/jfa-12", "", "faces")


def test_it_decodes_escaped_characters() -> None:
    found = parse_database_url("postgresql://a%40b:p%2Fw%3A@db/na%20me")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("a@b", "p/w:", "na me")


def test_it_hands_other_parameters_to_libpq() -> None:
    assert parse_database_url("postgres://u@h/n?sslmode=require&connect_timeout=3")["OPTIONS"] == {
        "sslmode": "require",
        "connect_timeout": "3",
    }


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///faces.db", "only database"),
        ("postgresql://u@h", "names no database"),
        ("postgresql://u@h:99999/n", "port"),
    ],
)
def test_it_says_what_is_wrong(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_database_url(url)
