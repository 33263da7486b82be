from . import appraisal, visit_slip, work_report
