"""What is wrong with a machine is said in one line, with the remedy."""

import shutil
import socket
from collections import namedtuple

import pytest
from workshop import host
from workshop.problem import Problem

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize("version", [(3, 9, 18), (3, 14, 0), (2, 7, 18)])
def test_other_pythons_are_refused(version):
    with pytest.raises(Problem, match=r"cannot run Odoo 19 -> install Python 3\.10 to"):
        host.check_python(version)


@pytest.mark.parametrize("minor", [10, 11, 12, 13])
def test_pythons_of_odoo_19_are_taken(minor):
    host.check_python((3, minor, 1))


def test_full_disk_is_noticed_before_the_download(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(9e9, 8e9, 1.5 * 1024**3))
    with pytest.raises(Problem, match=r"only 1\.5 GB free .* 4 GB needed -> free some"):
        host.check_disk(tmp_path / "not" / "there", 4)
    host.check_disk(tmp_path, 1)


def test_port_of_another_program_is_refused():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=f"port {port} is taken .*PORT={port + 1}"):
            host.check_port_free(port)


def test_free_port_is_taken():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    host.check_port_free(port)


def test_root_needs_no_sudo(monkeypatch):
    monkeypatch.setattr(host, "is_root", lambda: True)
    assert host.as_root() == []


def test_user_without_sudo_cannot_become_root(monkeypatch):
    monkeypatch.setattr(host, "is_root", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert host.as_root() is None


@pytest.mark.parametrize(("refused", "prefix"), [(True, None), (False, ["sudo", "-n"])])
def test_sudo_is_used_where_it_asks_no_password(monkeypatch, refused, prefix):
    monkeypatch.setattr(host, "is_root", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/sudo")
    monkeypatch.setattr(host, "_fails", lambda _: refused)
    assert host.as_root() == prefix


def test_user_without_a_name_gets_one(monkeypatch):
    monkeypatch.setattr(host.os, "geteuid", lambda: 4_000_000)
    assert host.user_name() == "user4000000"
