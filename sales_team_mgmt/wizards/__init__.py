from . import (
    stm_joint_visit_decline,
    stm_spot_check_draw,
    stm_spot_check_reopen,
    stm_visit_exception_decide,
    stm_decision,
    stm_event_dismiss,
    stm_transfer,
    stm_visit_cancel,
    stm_visit_check_in,
)
