from . import (
    stm_decision,
    stm_event_dismiss,
    stm_promise_change,
    stm_transfer,
    stm_visit_cancel,
)
