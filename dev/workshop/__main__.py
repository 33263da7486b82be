"""The command line: `python3 -m workshop <command>`, called by the Makefile."""

import os
import subprocess
import sys
from collections.abc import Callable

from . import bench, cleaning, demo, host, i18n, lint, server, setup, suite
from .lock import alone
from .problem import Problem


def set_up() -> int:
    setup.for_odoo()
    setup.for_lint()
    return 0


def run_demo() -> int:
    demo.check_port()
    setup.for_demo()
    with alone("demo"):
        demo.run()
    return 0


def run_shell() -> int:
    setup.for_odoo()
    with alone("demo"):
        demo.ensure_database()
    shell = server.command("shell", demo.name(), "--no-http")
    return subprocess.run(shell).returncode


def run_tests() -> int:
    setup.for_tests()
    return suite.run_all()


def run_fast_tests() -> int:
    setup.for_rules()
    return suite.run_fast()


def run_chosen_tests() -> int:
    setup.for_tests()
    return suite.run_chosen(os.environ.get("TESTS", ""))


def run_benchmarks() -> int:
    setup.for_odoo()
    return bench.run()


def run_lint() -> int:
    setup.for_lint()
    return lint.run()


def run_format() -> int:
    setup.for_lint()
    return lint.reformat()


def update_translations() -> int:
    setup.for_odoo()
    return i18n.update()


def stop() -> int:
    cleaning.stop()
    return 0


def clean() -> int:
    cleaning.clean()
    return 0


COMMANDS: dict[str, Callable[[], int]] = {
    "setup": set_up,
    "demo": run_demo,
    "shell": run_shell,
    "test": run_tests,
    "test-fast": run_fast_tests,
    "test-odoo": run_chosen_tests,
    "bench": run_benchmarks,
    "lint": run_lint,
    "format": run_format,
    "i18n": update_translations,
    "stop": stop,
    "clean": clean,
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python3 -m workshop {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        host.check_python()
        return COMMANDS[arguments[0]]()
    except Problem as problem:
        print(f"\nError: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the same command goes on from here.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
