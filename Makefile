# Everything a developer needs. What happens behind a target: dev/workshop/, docs/workshop.md

PYTHON ?= $(firstword $(foreach python,python3 python3.13 python3.12 python3.11 python3.10,\
	$(shell $(python) -c 'import sys; (3, 10) <= sys.version_info[:2] <= (3, 13) and print("$(python)")' 2>/dev/null)))
WORKSHOP = @$(if $(PYTHON),,echo "Error: no Python 3.10 to 3.13 found -> install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2; exit 1;) \
	PYTHONPATH=dev $(PYTHON) -m workshop

export ODOO_HOME PORT TESTS SIZES ONLY

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast test-odoo bench lint format i18n update-pot shell setup stop clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9 -]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

demo: ## Run Odoo 19 with the demo company on http://localhost:8069 (PORT=...)
	$(WORKSHOP) demo

test: ## Run the whole test suite on a clean database, browser tours included
	$(WORKSHOP) test

test-fast: ## Run the tests that need no database, in seconds
	$(WORKSHOP) test-fast

test-odoo: ## Run chosen tests (TESTS="sales_team_mgmt/tests/test_x.py -k foo")
	$(WORKSHOP) test-odoo

bench: ## Measure speed at several sizes (SIZES="10000 100000" ONLY=visits)
	$(WORKSHOP) bench

lint: ## Check every file
	$(WORKSHOP) lint

format: ## Let the linters mend what they can
	$(WORKSHOP) format

i18n update-pot: ## Export the terms, merge them into the translations, list what is missing
	$(WORKSHOP) i18n

shell: ## Open a Python shell on the demo company
	$(WORKSHOP) shell

setup: ## Install Odoo, the Python packages, the linters and the database server
	$(WORKSHOP) setup

stop: ## Stop Odoo and the database server
	$(WORKSHOP) stop

clean: ## Stop everything and remove all that was made
	$(WORKSHOP) clean
