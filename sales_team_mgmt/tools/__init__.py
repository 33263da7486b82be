from . import check_ins, deadlines, duties, fingerprints, geo, periods, rates
from . import sampling, scoring, weeks
