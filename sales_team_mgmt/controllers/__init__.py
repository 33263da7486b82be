from . import appraisal, work_report
