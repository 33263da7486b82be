"""Reads and writes translation catalogues. Runs in Odoo's environment, which has
polib."""

import sys
from pathlib import Path

import polib

LANGUAGE = "zh_CN"


def template_of(addon: Path) -> Path:
    return addon / "i18n" / f"{addon.name}.pot"


def translation_of(addon: Path) -> Path:
    return addon / "i18n" / f"{LANGUAGE}.po"


def terms(file: Path) -> set[str]:
    """The terms of a catalogue; none where there is no file."""
    if not file.is_file():
        return set()
    return {entry.msgid for entry in polib.pofile(str(file)) if not entry.obsolete}


def unfinished(file: Path) -> list[str]:
    """Terms that are not translated, or only by a guess."""
    catalogue = polib.pofile(str(file))
    return [
        entry.msgid
        for entry in (*catalogue.untranslated_entries(), *catalogue.fuzzy_entries())
    ]


def update(exported: Path, addon: Path) -> list[str]:
    """Take over an exported template, merge it into the translation, return what is
    left to do.

    A file whose terms stay the same is not written, so that no change of a date is
    committed."""
    template = polib.pofile(str(exported / f"{addon.name}.pot"))
    template_of(addon).parent.mkdir(exist_ok=True)
    if _entries(template_of(addon)) != _entries(exported / f"{addon.name}.pot"):
        template.save(str(template_of(addon)))
    _merge(template, translation_of(addon))
    return unfinished(translation_of(addon))


def _merge(template: polib.POFile, file: Path) -> None:
    before = _entries(file)
    if file.is_file():
        catalogue = polib.pofile(str(file))
    else:
        catalogue = polib.POFile()
        catalogue.metadata = {**template.metadata, "Language": LANGUAGE}
    catalogue.merge(template)
    for entry in catalogue.obsolete_entries():
        catalogue.remove(entry)
    catalogue.sort(key=lambda entry: entry.msgid)
    if [str(entry) for entry in catalogue] != before:
        catalogue.save(str(file))


def _entries(file: Path) -> list[str]:
    return [str(entry) for entry in polib.pofile(str(file))] if file.is_file() else []


def main(exported: Path, addons: list[Path]) -> int:
    left = {addon.name: update(exported, addon) for addon in addons}
    for name, terms_left in left.items():
        print(f"{name}: {len(terms_left)} terms to translate into {LANGUAGE}")
        for term in terms_left:
            print(f"  {term!r}")
    return 1 if any(left.values()) else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]]))
