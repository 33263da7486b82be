"""When an environment is made, brought up to date, or left alone."""

import importlib.util
from pathlib import Path

import pytest
from workshop import apt, venv
from workshop.problem import Problem


@pytest.fixture
def commands(monkeypatch):
    """What would be run."""
    run = []

    def record(command, log):
        run.append(log)
        if log.endswith("-create"):
            Path(command[-1]).mkdir()

    monkeypatch.setattr(venv, "run_logged", record)
    return run


@pytest.fixture
def requirements(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_text("polib==1", encoding="utf-8")
    return file


def ensure(requirements) -> None:
    venv._ensure(requirements.parent / "env", requirements, "packages")


def test_made_once(commands, requirements):
    ensure(requirements)
    ensure(requirements)
    assert commands == ["env-create", "env-pip"]


def test_changed_requirements_are_added(commands, requirements):
    ensure(requirements)
    requirements.write_text("polib==2", encoding="utf-8")
    ensure(requirements)
    assert commands == ["env-create", "env-pip", "env-pip"]


@pytest.mark.parametrize("left_behind", [None, "another Python\n123"])
def test_useless_environment_is_made_anew(commands, requirements, left_behind):
    folder = requirements.parent / "env"
    folder.mkdir()
    if left_behind:
        (folder / "complete").write_text(left_behind, encoding="utf-8")
    ensure(requirements)
    assert commands == ["env-create", "env-pip"]


def test_missing_venv_module_names_the_package(monkeypatch, requirements):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(apt, "as_root", lambda: None)
    with pytest.raises(Problem, match=r"apt-get install python3\.\d+-venv"):
        ensure(requirements)
