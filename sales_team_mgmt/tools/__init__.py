from . import (
    deadlines,
    duties,
    fingerprints,
    geo,
    periods,
    rates,
    routing,
    schedules,
    scoring,
    weeks,
    workload,
)
