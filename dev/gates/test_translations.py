"""Every term of every addon is translated."""

import pytest
from workshop import addons, catalogues

ADDONS = addons.all_addons()
REMEDY = "run `make i18n`, then translate what it lists"


@pytest.mark.parametrize("addon", ADDONS, ids=addons.names())
def test_translation_is_finished(addon):
    file = catalogues.translation_of(addon)
    assert file.is_file(), REMEDY
    assert catalogues.unfinished(file) == [], REMEDY


@pytest.mark.parametrize("addon", ADDONS, ids=addons.names())
def test_translation_has_the_terms_of_its_template(addon):
    template = catalogues.terms(catalogues.template_of(addon))
    assert catalogues.terms(catalogues.translation_of(addon)) == template, REMEDY
