"""A pytest plugin: the pure rules of an addon can be imported without Odoo.

Importing `<addon>.tools.<module>` would run the addon's `__init__`, which imports Odoo.
Empty packages that only know their folder take the place of every package above the
rules, under both names an addon has, so that absolute and relative imports work as they
do in Odoo. Whatever else of Odoo a rule imports is missing, which keeps the rules pure.

`stm_tools` is a short name for the rules of the core addon.
"""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from . import addons
from .paths import ROOT

CORE_RULES = ROOT / "sales_team_mgmt" / "tools"


class CoreRulesFinder:
    """Finds `stm_tools`, when a test asks for it."""

    @staticmethod
    def find_spec(name: str, *_: object) -> ModuleSpec | None:
        if name != "stm_tools":
            return None
        return importlib.util.spec_from_file_location(
            name,
            CORE_RULES / "__init__.py",
            submodule_search_locations=[str(CORE_RULES)],
        )


def pytest_configure() -> None:
    sys.meta_path.append(CoreRulesFinder)
    for name in ("odoo", "odoo.addons"):
        _stand_in(name)
    for addon in addons.all_addons():
        for name in (addon.name, f"odoo.addons.{addon.name}"):
            _stand_in(name, addon)
            _stand_in(f"{name}.tests", addon / "tests")


def _stand_in(name: str, folder: Path | None = None) -> None:
    module = ModuleType(name)
    module.__path__ = [str(folder)] if folder else []
    module.__file__ = str(folder / "__init__.py") if folder else None
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
