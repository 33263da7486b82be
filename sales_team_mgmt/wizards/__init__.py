from . import (
    stm_decision,
    stm_event_dismiss,
    stm_transfer,
    stm_visit_cancel,
    stm_visit_check_in,
)
