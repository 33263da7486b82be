from . import appraisal, contact, work_report
