from . import stm_collection
from . import stm_leaderboard
from . import stm_visit_report
