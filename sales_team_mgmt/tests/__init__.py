from . import test_weekly_report_deadline
from . import test_work_plan
from . import test_work_report
from . import test_duty
from . import test_tours
from . import test_rpc
