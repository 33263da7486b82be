"""The last lines of a test run."""

from workshop import suite
from workshop.problem import Problem


def part(title: str, last_line: str, exit_code: int) -> suite.Part:
    made = suite.Part(title, [])
    made._read_result(last_line, exit_code)
    return made


def test_sum_is_the_last_line(capsys):
    good = part("Good", "==== 3 passed, 7 subtests passed in 0.10s ====", 0)
    bad = part("Bad", "==== 1 failed, 2 passed, 1 error in 65.00s (0:01:05) ====", 1)
    assert suite.report([good, bad]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 2 failed"


def test_success(capsys):
    assert suite.report([part("Good", "==== 3 passed in 0.10s ====", 0)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 0 failed"


def test_crash_counts_as_a_failure():
    assert part("Crash", "Segmentation fault", 139).failed == 1


def test_no_tests_count_as_a_failure():
    assert part("Empty", "==== no tests ran in 0.01s ====", 5).failed == 1


def test_parts_run_though_others_cannot(monkeypatch, capsys):
    def fail(*_):
        raise Problem("Odoo failed", "read the log")

    good = part("Good", "==== 3 passed in 0.10s ====", 0)
    monkeypatch.setattr(good, "run", lambda: None)
    monkeypatch.setattr(suite, "without_odoo", lambda: [good])
    monkeypatch.setattr(suite, "with_odoo", lambda *_: [suite.Part("Odoo", [])])
    monkeypatch.setattr(suite, "_prepare", fail)
    monkeypatch.setattr(suite.database, "drop", lambda _: None)
    assert suite.run_all() == 1
    lines = capsys.readouterr().out.splitlines()
    assert "The tests that need Odoo cannot run: Odoo failed -> read the log" in lines
    assert lines[-2:] == ["Odoo (0 s): did not run to its end", "3 passed, 1 failed"]
