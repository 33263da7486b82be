"""What changes a prepared database, and what does not."""

import pytest
from workshop import addons


@pytest.fixture
def addon(monkeypatch, tmp_path):
    folder = tmp_path / "our_addon"
    for name in ("models/thing.py", "tests/test_thing.py", "static/src/thing.js"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("1", encoding="utf-8")
    monkeypatch.setattr(addons, "ROOT", tmp_path)
    monkeypatch.setattr(addons, "all_addons", lambda: (folder,))
    return folder


@pytest.mark.parametrize(
    ("changed", "matters"),
    [
        ("models/thing.py", True),
        ("models/new.py", True),
        ("__init__.py", True),
        ("tests/test_thing.py", False),
        ("static/src/thing.js", False),
    ],
)
def test_what_matters(addon, changed, matters):
    before = addons.fingerprint()
    (addon / changed).write_text("2", encoding="utf-8")
    assert (addons.fingerprint() != before) == matters


def test_names_of_files_matter(addon):
    before = addons.fingerprint()
    (addon / "models" / "thing.py").rename(addon / "models" / "other.py")
    assert addons.fingerprint() != before
