from . import stm_decision, stm_transfer, stm_visit_cancel
