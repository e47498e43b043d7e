"""Making the environment: nothing twice, nothing half."""

from pathlib import Path

from annotator.embedded.environment import digest_of, drop_half_installed


def test_it_forgets_a_package_whose_installation_was_cut_short(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("whole-1.0.dist-info", "half-2.0.dist-info"):
        (packages / name).mkdir(parents=True)
        (packages / name / "METADATA").write_text("")
    (packages / "whole-1.0.dist-info" / "INSTALLER").write_text("pip\n")
    assert drop_half_installed(tmp_path) == ["half-2.0.dist-info"]
    assert [path.name for path in packages.iterdir()] == ["whole-1.0.dist-info"]


def test_it_sees_a_changed_file_a_new_file_and_a_changed_word(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("1")
    before = digest_of([first, second], "3.11")
    assert digest_of([second, first], "3.11") == before
    assert digest_of([first, second], "3.12") != before
    second.write_text("")
    after = digest_of([first, second], "3.11")
    assert after != before
    first.write_text("2")
    assert digest_of([first, second], "3.11") != after
