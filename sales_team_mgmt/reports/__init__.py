from . import stm_collection, stm_customer_ledger, stm_obligation
