from . import stm_collection
