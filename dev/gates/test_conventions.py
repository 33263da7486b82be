"""What Odoo 19 loads without a word and then ignores, and what we do not do.

Each check reads the sources, so it costs nothing and needs no database.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from lxml import etree
from workshop import addons, lint
from workshop.paths import ROOT

SILENT_XML = {
    "//tree": "the tag is <list>; in an x2many field the browser fails",
    "//*[@t-name='kanban-box']": "the template is called 'card'",
    "//field[@name='view_mode'][contains(text(), 'tree')]": "the view type is 'list'",
    "//*[contains(concat(' ', @class, ' '), ' oe_chatter ')]": "write <chatter/>",
    "//*[starts-with(normalize-space(@invisible), '[')]": "a list is always true",
    "//*[starts-with(normalize-space(@readonly), '[')]": "a list is always true",
    "//*[starts-with(normalize-space(@required), '[')]": "a list is always true",
    "//data[not(@*)]": "a <data> without attributes does nothing",
    "//*[@t-esc]": "write t-out",
}
REGISTRY_HOST = re.compile(
    r"\b[\w.-]*(?:pypi|pythonhosted|npm|debian|ubuntu|jsdelivr|unpkg)[\w-]*\.(?:org|com|net|io)\b"
)
LEFTOVER = re.compile(
    r"\b(?:TODO|FIXME|XXX|HACK)\b|lorem ipsum|breakpoint\(\)|console\.log\("
)
TEXT_ENDINGS = {
    ".py",
    ".xml",
    ".js",
    ".scss",
    ".md",
    ".csv",
    ".json",
    ".toml",
    ".yaml",
    ".txt",
}
MODEL_BASES = {"Model", "AbstractModel", "TransientModel"}


def sources(ending: str) -> list[Path]:
    return [
        file
        for addon in addons.all_addons()
        for file in sorted(addon.rglob(f"*{ending}"))
        if "lib" not in file.relative_to(addon).parts
    ]


def own_texts() -> list[Path]:
    """Every text that could be committed, but for the licences and this file."""
    files = (ROOT / name for name in lint.files())
    return [
        file
        for file in files
        if (file.suffix in TEXT_ENDINGS or file.name == "Makefile")
        and file != Path(__file__)
    ]


def place(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


def each(kind: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    """Every syntax node of a kind in our Python files."""
    for file in sources(".py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, kind):
                yield file, node


def expect_none(found: Iterable[str]) -> None:
    """Fail with all findings, each on a line of its own."""
    lines = list(found)
    assert not lines, "\n" + "\n".join(lines)


def called(node: ast.Call) -> str:
    """Name of the called function or method."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


@pytest.mark.parametrize(("xpath", "advice"), SILENT_XML.items())
def test_views_use_what_odoo_19_understands(xpath, advice):
    found = [
        f"{place(file, node.sourceline)}: {advice}"
        for file in sources(".xml")
        for node in etree.parse(str(file)).xpath(xpath)
    ]
    expect_none(found)


def test_python_view_modes_are_lists():
    mode = re.compile(r"""["']view_mode["']\s*[:,]\s*["'][^"']*\btree\b""")
    found = [
        place(file, number)
        for file in sources(".py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if mode.search(line)
    ]
    expect_none(found)


def test_no_name_get():
    """Odoo never calls it; `display_name` is a computed field."""
    found = [
        place(f, node.lineno)
        for f, node in each(ast.FunctionDef)
        if node.name == "name_get"
    ]
    expect_none(found)


def test_constraints_are_declared_as_objects():
    """`_sql_constraints` creates nothing; `models.Constraint` does."""
    found = [
        place(file, node.lineno)
        for file, node in each(ast.Assign)
        if any(
            getattr(target, "id", "") == "_sql_constraints" for target in node.targets
        )
    ]
    expect_none(found)


def test_no_import_of_osv():
    found = [
        place(file, node.lineno)
        for file, node in each(ast.ImportFrom)
        if (node.module or "").startswith("odoo.osv")
    ]
    expect_none(found)


def test_no_commit():
    """A commit in the middle cannot be undone by what fails later; crons use
    `_commit_progress`."""
    found = [
        place(file, node.lineno)
        for file, node in each(ast.Call)
        if called(node) == "commit"
        and getattr(node.func.value, "attr", "") in {"cr", "_cr"}
    ]
    expect_none(found)


def test_onchange_returns_no_domain():
    """Only `value` and `warning` are read."""
    found = []
    for file, function in each(ast.FunctionDef):
        decorators = {
            called(d) for d in function.decorator_list if isinstance(d, ast.Call)
        }
        if "onchange" not in decorators:
            continue
        keys = {
            key.value
            for node in ast.walk(function)
            if isinstance(node, ast.Dict)
            for key in node.keys
            if isinstance(key, ast.Constant)
        }
        if "domain" in keys:
            found.append(place(file, function.lineno))
    expect_none(found)


def test_activities_are_closed_on_purpose():
    """Without `only_automated`, activities that a person created are left alone, which
    is rarely meant; say which."""
    found = [
        f"{place(file, node.lineno)}: {called(node)}"
        for file, node in each(ast.Call)
        if called(node) in {"activity_feedback", "activity_unlink"}
        and "only_automated" not in {keyword.arg for keyword in node.keywords}
    ]
    expect_none(found)


def model_names(file: Path) -> list[str]:
    """The models that a file defines or extends, in order."""
    names = []
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and any(
            getattr(base, "attr", "") in MODEL_BASES for base in node.bases
        ):
            attributes = {
                getattr(statement.targets[0], "id", ""): statement.value
                for statement in node.body
                if isinstance(statement, ast.Assign)
            }
            value = attributes.get("_name", attributes.get("_inherit"))
            names.append(getattr(value, "value", "(no literal name)"))
    return names


def test_one_model_a_file_named_after_it():
    found = []
    for folder in (*addons.folders("models"), *addons.folders("wizards")):
        for file in sorted(folder.glob("*.py")):
            names = model_names(file)
            expected = [name.replace(".", "_") for name in names]
            # A part of a large model: `stm_indicator_sales.py` extends stm.indicator.
            if len(expected) == 1 and (file.parent / f"{expected[0]}.py").exists():
                expected = (
                    [file.stem] if file.stem.startswith(expected[0]) else expected
                )
            if file.name != "__init__.py" and names and expected != [file.stem]:
                found.append(f"{file.relative_to(ROOT)}: {', '.join(names)}")
    expect_none(found)


def test_every_test_is_imported():
    """Odoo runs only what `tests/__init__.py` imports. Pure rules need no Odoo."""
    found = []
    for folder in addons.folders("tests"):
        tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
        imported = {alias.name for node in tree.body for alias in node.names}
        files = {file.stem for file in folder.glob("test_*.py")}
        found += [f"{folder.parent.name}: {name}" for name in sorted(files - imported)]
    expect_none(found)


def test_no_leftovers():
    found = [
        f"{place(file, number)}: {line.strip()}"
        for file in own_texts()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if LEFTOVER.search(line)
    ]
    expect_none(found)


def test_no_registry_is_named():
    """Which mirror or registry packages come from is the machine's business."""
    expect_none(
        f"{place(file, number)}: {host}"
        for file in own_texts()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for host in REGISTRY_HOST.findall(line)
    )


def test_lock_file_names_no_registry():
    lock = (ROOT / "dev" / "node" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock


def test_no_path_of_this_machine():
    found = [
        str(file.relative_to(ROOT))
        for file in own_texts()
        if f"{ROOT}/" in file.read_text(encoding="utf-8")
    ]
    expect_none(found)
