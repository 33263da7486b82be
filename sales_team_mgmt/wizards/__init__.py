from . import stm_decision, stm_event_dismiss, stm_transfer, stm_visit_cancel
from . import stm_spot_check_draw, stm_spot_check_reopen, stm_visit_exception_decide
from . import stm_joint_visit_decline
