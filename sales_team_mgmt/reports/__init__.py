from . import (
    stm_collection,
    stm_coverage,
    stm_customer_ledger,
    stm_obligation,
)
from . import stm_leaderboard
from . import stm_visit_report
