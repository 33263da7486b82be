from . import (
    stm_decision,
    stm_event_dismiss,
    stm_plan_generator,
    stm_reassign,
    stm_transfer,
    stm_visit_cancel,
    stm_visit_carry_over,
    stm_workload,
    stm_workload_line,
    stm_promise_change,
    stm_visit_check_in,
)
