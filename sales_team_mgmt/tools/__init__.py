from . import check_ins, deadlines, duties, fingerprints, geo, periods, positions
from . import rates, sampling, scoring, weeks
