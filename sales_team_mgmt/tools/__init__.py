from . import deadlines, duties, fingerprints, geo, periods, rates, scoring, weeks
