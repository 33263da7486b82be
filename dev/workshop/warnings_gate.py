"""A pytest plugin: a test during which Odoo logs a warning that concerns us fails.

A test that provokes a warning on purpose expects it with `assertLogs` or silences it
with `mute_logger`; both keep the record from getting here."""

import logging

import pytest

from .log_gate import concerns_us


class UnexpectedWarning(AssertionError):
    """Odoo complained about our code while a test ran."""


class Collector(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        if concerns_us(record.name, f"{record.pathname} {text}"):
            self.found.append(text)

    def fail_if_any(self) -> None:
        found, self.found = self.found, []
        if found:
            raise UnexpectedWarning("\n".join(["Odoo logged:", *found]))


collector = Collector()


def pytest_configure() -> None:
    logging.getLogger().addHandler(collector)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup():
    result = yield
    collector.fail_if_any()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call():
    result = yield
    collector.fail_if_any()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown():
    result = yield
    collector.fail_if_any()
    return result
