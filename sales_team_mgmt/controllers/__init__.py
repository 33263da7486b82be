from . import (
    appraisal,
    contact,
    visit_slip,
    work_report,
)
