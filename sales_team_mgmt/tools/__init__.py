from . import deadlines, duties, fingerprints, periods, rates, weeks
