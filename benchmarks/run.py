"""Measure everything that is registered: python benchmarks/run.py --help"""

import argparse
import sys

from measuring import (  # noqa: F401 register operations
    check_in,
    figures,
    lists,
    maps,
    plans,
    sheets,
)
from measuring.clock import Database
from measuring.comparison import COMPARISONS
from measuring.results import Report

from odoo.tools import config


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    first = options.databases[0]
    config.parse_config(
        ["-c", options.config, "-d", first.name, "--log-level", "warn", "--no-http"]
    )
    report = Report(options.databases)
    for comparison in COMPARISONS:
        if options.only.lower() in comparison.title.lower():
            report.add(comparison)
    if options.results:
        report.append_to(options.results)
    return report.conclude()


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, help="configuration file of Odoo")
    parser.add_argument("--results", help="file that the table is appended to")
    parser.add_argument("--only", default="", help="part of the operations' titles")
    parser.add_argument("databases", nargs="+", type=database, metavar="SIZE=DATABASE")
    return parser.parse_args(arguments)


def database(argument: str) -> Database:
    size, _separator, name = argument.partition("=")
    return Database(name, int(size))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
