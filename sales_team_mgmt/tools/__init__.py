from . import deadlines, duties, fingerprints, periods, rates, scoring, weeks
