"""Which PostgreSQL is used, and who runs it."""

import shutil
from pathlib import Path

import pytest
from workshop import apt, cluster
from workshop.problem import Problem


@pytest.fixture(autouse=True)
def private(monkeypatch):
    monkeypatch.delenv("PGHOST", raising=False)
    monkeypatch.delenv("PGUSER", raising=False)


def add_version(folder: Path, version: str) -> Path:
    programs = folder / version / "bin"
    programs.mkdir(parents=True)
    (programs / "initdb").touch()
    return programs


def test_newest_version_is_used(tmp_path):
    add_version(tmp_path, "9.6")
    add_version(tmp_path, "13")
    newest = add_version(tmp_path, "17")
    assert cluster.find_programs(tmp_path) == newest


def test_old_version_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    add_version(tmp_path, "12")
    assert cluster.find_programs(tmp_path) is None


def test_missing_and_not_allowed_to_install(monkeypatch):
    monkeypatch.setattr(cluster, "find_programs", lambda _: None)
    monkeypatch.setattr(apt, "as_root", lambda: None)
    with pytest.raises(Problem, match="PostgreSQL missing.*apt-get install postgresql"):
        cluster.ensure()


def test_given_server_is_used_as_it_is(monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example.com")
    monkeypatch.setenv("PGUSER", "ann")
    assert cluster.is_external()
    assert cluster.connection()["PGHOST"] == "db.example.com"


def test_root_has_the_server_run_by_somebody_else(monkeypatch):
    monkeypatch.setattr(cluster, "is_root", lambda: True)
    assert cluster._switch_user()[0] == "setpriv"
    monkeypatch.setattr(cluster, "is_root", lambda: False)
    assert cluster._switch_user() == []


def test_system_user_postgres_gets_another_role(monkeypatch):
    monkeypatch.setattr(cluster, "user_name", lambda: "postgres")
    assert cluster.role() == "odoo"


@pytest.mark.parametrize(
    "reason", ["closed to the server's user", "too long for a socket"]
)
def test_cluster_moves_out_of_a_folder_it_cannot_live_in(monkeypatch, reason):
    monkeypatch.setattr(
        cluster,
        "_server_user_enters",
        lambda _: reason != "closed to the server's user",
    )
    if reason == "too long for a socket":
        monkeypatch.setattr(cluster, "WORKSHOP", Path("/" + "deep/" * 20))
    assert cluster.home().parent == Path("/var/tmp")
