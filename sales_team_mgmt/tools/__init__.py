from . import (
    clusters,
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
