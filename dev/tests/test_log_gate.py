"""Which lines of a log fail the tests."""

import pytest
from workshop import addons, log_gate
from workshop.paths import ROOT

DATE = "2026-01-31 10:00:00,123 42"


@pytest.fixture(autouse=True)
def one_addon(monkeypatch):
    monkeypatch.setattr(addons, "names", lambda: ["our_addon"])


@pytest.mark.parametrize(
    ("logger", "text", "ours"),
    [
        ("odoo.registry", "Field 'x': unknown parameter", True),
        ("odoo.addons.our_addon.models.thing", "odd", True),
        ("py.warnings", "/somewhere/our_addon/models/thing.py:3: Deprecated", True),
        ("py.warnings", "/somewhere/sale/models/sale.py:3: Deprecated", False),
        ("odoo.addons.partner_autocomplete", "no connection", False),
        ("odoo.modelsmith", "named almost like a gated logger", False),
        ("py.warnings", f"{ROOT}/.workshop/odoo/sale.py:3: Deprecated", False),
    ],
)
def test_who_is_concerned(logger, text, ours):
    assert log_gate.concerns_us(logger, text) == ours


def test_complaints_keep_their_traceback(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text(
        f"{DATE} INFO db odoo.registry: fine\n"
        f"{DATE} WARNING db py.warnings: Deprecated\n"
        '  File "our_addon/models/thing.py", line 3\n'
        f"{DATE} ERROR db odoo.addons.iap: no connection\n",
        encoding="utf-8",
    )
    assert log_gate.complaints(log) == [
        'WARNING py.warnings: Deprecated\n  File "our_addon/models/thing.py", line 3'
    ]
