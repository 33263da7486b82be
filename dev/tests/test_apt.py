"""Packages are installed where allowed, and fetched from the machine's own mirror."""

import shutil

import pytest
from workshop import apt
from workshop.problem import Problem


def test_no_right_to_install_names_the_command(monkeypatch):
    monkeypatch.setattr(apt, "as_root", lambda: None)
    with pytest.raises(Problem) as caught:
        apt.install(["postgresql"], "PostgreSQL")
    assert str(caught.value) == (
        "PostgreSQL missing, and no right to install it"
        " -> ask an administrator for `apt-get install postgresql`"
    )


@pytest.mark.parametrize(
    ("root", "prefix"), [([], ["env"]), (["sudo", "-n"], ["sudo", "-n", "env"])]
)
def test_installs_as_root_or_with_sudo(monkeypatch, root, prefix):
    commands = []
    monkeypatch.setattr(apt, "as_root", lambda: root)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(
        apt, "run_logged", lambda command, *_, **__: commands.append(command)
    )
    apt.install(["chromium"], "a browser")
    assert [command[: len(prefix)] for command in commands] == [prefix, prefix]
    assert [command[-1] for command in commands] == ["update", "chromium"]


def test_system_without_apt_is_pointed_to_odoo_home(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(Problem, match="ODOO_HOME"):
        apt.download(tmp_path, ["odoo-19"], [])


def test_debian_gets_its_newest_suite():
    targets = "Debian|http://mirror/security/|bookworm-security\nDebian|http://mirror/|bookworm"
    assert apt.source_line(targets).endswith("] http://mirror/ sid main")


def test_ubuntu_gets_its_newest_suite():
    assert apt.source_line("Ubuntu|http://mirror/|noble").endswith(
        "] http://mirror/ devel universe"
    )


@pytest.mark.parametrize("targets", ["", "Acme|http://acme/|stable"])
def test_without_a_known_mirror_odoo_home_is_the_way(targets):
    with pytest.raises(Problem, match="ODOO_HOME"):
        apt.source_line(targets)
