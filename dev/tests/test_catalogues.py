"""Merging keeps translations."""

import polib
import pytest
from workshop import catalogues


def write(file, terms: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    catalogue.extend(polib.POEntry(msgid=k, msgstr=v) for k, v in terms.items())
    catalogue.save(str(file))


@pytest.fixture
def addon(tmp_path):
    addon = tmp_path / "our_addon"
    write(tmp_path / "our_addon.pot", {"Visit": "", "Plan": ""})
    write(catalogues.translation_of(addon), {"Visit": "拜访", "Gone": "没有了"})
    return addon


def test_update_keeps_adds_and_drops(tmp_path, addon):
    assert catalogues.update(tmp_path, addon) == ["Plan"]
    merged = polib.pofile(str(catalogues.translation_of(addon)))
    assert {entry.msgid: entry.msgstr for entry in merged} == {
        "Plan": "",
        "Visit": "拜访",
    }
    assert catalogues.terms(catalogues.template_of(addon)) == {"Plan", "Visit"}


def test_second_update_writes_nothing(tmp_path, addon):
    catalogues.update(tmp_path, addon)
    files = [catalogues.template_of(addon), catalogues.translation_of(addon)]
    before = [file.stat().st_mtime_ns for file in files]
    catalogues.update(tmp_path, addon)
    assert [file.stat().st_mtime_ns for file in files] == before


def test_new_addon_gets_a_translation_to_fill(tmp_path, addon):
    catalogues.translation_of(addon).unlink()
    assert sorted(catalogues.update(tmp_path, addon)) == ["Plan", "Visit"]
