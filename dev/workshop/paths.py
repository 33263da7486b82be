"""Where everything lives. Whatever is generated lives in ``.workshop``, which git
ignores."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev"
WORKSHOP = ROOT / ".workshop"
LOGS = WORKSHOP / "log"

ODOO = WORKSHOP / "odoo"
VENV = WORKSHOP / "venv"
LINT_VENV = WORKSHOP / "venv-lint"
NODE = WORKSHOP / "node"
APT = WORKSHOP / "apt"
ODOO_DATA = WORKSHOP / "data"
SCREENSHOTS = WORKSHOP / "screenshots"

#: Tells two clones of the repository apart on a machine or a server that they share.
PROJECT_HASH = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
