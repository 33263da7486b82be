from . import (
    stm_decision,
    stm_event_dismiss,
    stm_plan_generator,
    stm_transfer,
    stm_visit_cancel,
    stm_visit_carry_over,
)
