from . import (
    stm_collection,
    stm_coverage,
    stm_customer_ledger,
    stm_obligation,
)
