"""Virtual environments with pinned packages: one runs Odoo and the tests, one lints."""

import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path

from . import apt, odoo
from .console import run_logged, step
from .paths import DEV, LINT_VENV, VENV


def python() -> Path:
    return VENV / "bin" / "python"


def ensure() -> None:
    """The environment of Odoo. A `.pth` file makes `import odoo` work, wherever Odoo
    is."""
    _ensure(VENV, DEV / "requirements.txt", "Python packages of Odoo")
    site_packages = next(VENV.glob("lib/python*/site-packages"))
    (site_packages / "odoo_home.pth").write_text(f"{odoo.home()}\n", encoding="utf-8")


def ensure_lint() -> None:
    _ensure(LINT_VENV, DEV / "requirements-lint.txt", "linters")


def _ensure(folder: Path, requirements: Path, what: str) -> None:
    """Bring the environment up to date unless that was done for these requirements.

    It is made anew where it was never completed, or was for another Python.
    """
    key = hashlib.sha256(requirements.read_bytes()).hexdigest()
    wanted = f"{sys.version}\n{key}"
    complete = folder / "complete"
    known = complete.read_text(encoding="utf-8") if complete.is_file() else ""
    if known == wanted:
        return
    _ensure_venv_module()
    with step(f"Installing the {what}"):
        if not known.startswith(sys.version):
            shutil.rmtree(folder, ignore_errors=True)
            command = [sys.executable, "-m", "venv", folder]
            run_logged(command, f"{folder.name}-create")
        pip = [folder / "bin" / "python", "-m", "pip", "install", "-r", requirements]
        run_logged(pip, f"{folder.name}-pip")
        complete.write_text(wanted, encoding="utf-8")


def _ensure_venv_module() -> None:
    """Debian ships Python without the module that fills an environment with pip."""
    if not importlib.util.find_spec("ensurepip"):
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        apt.install([f"{version}-venv"], "Python's venv module")
