from . import stm_collection, stm_coverage
