"""How a bare machine gets Odoo 19, and runs, tests and lints the addons of this
repository.

Standard library only: this package runs before anything is installed."""
