"""Which Odoo is used."""

import pytest
from workshop import odoo
from workshop.problem import Problem


@pytest.fixture
def checkout(monkeypatch, tmp_path):
    """A folder that looks like a source checkout, named by ODOO_HOME."""
    (tmp_path / "odoo").mkdir()
    (tmp_path / "addons" / "sale").mkdir(parents=True)
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    return tmp_path


def write_release(checkout, major: int) -> None:
    release = checkout / "odoo" / "release.py"
    release.write_text(
        f"version_info = ({major}, 0, 0, FINAL, 0, '')\n", encoding="utf-8"
    )


def test_given_odoo_19_is_used(checkout):
    write_release(checkout, 19)
    odoo.ensure()
    assert odoo.home() == checkout
    assert odoo.version() == "19.0.0"
    assert odoo.addons_path()[0] == checkout / "addons"
    assert odoo.addon_folder("sale") == checkout / "addons" / "sale"


def test_other_versions_are_refused(checkout):
    write_release(checkout, 18)
    with pytest.raises(Problem, match="is not Odoo 19 -> point ODOO_HOME at"):
        odoo.ensure()


def test_folder_without_odoo_is_refused(checkout):
    with pytest.raises(Problem, match="no Odoo in .* -> point ODOO_HOME at"):
        odoo.ensure()


def test_interrupted_unpacking_starts_over(monkeypatch, tmp_path):
    monkeypatch.setattr(odoo, "ODOO", tmp_path / "odoo")
    monkeypatch.setattr(odoo, "APT", tmp_path / "apt")
    monkeypatch.setattr(odoo, "run_logged", lambda *_: None)
    (tmp_path / "apt").mkdir()
    left_behind = tmp_path / "odoo.part" / "half.py"
    left_behind.parent.mkdir()
    left_behind.touch()
    odoo._unpack([tmp_path / "odoo.deb"])
    assert (tmp_path / "odoo").is_dir()
    assert not list(tmp_path.rglob("half.py"))
