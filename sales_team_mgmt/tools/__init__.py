from . import (
    deadlines,
    duties,
    fingerprints,
    geo,
    periods,
    positions,
    rates,
    scoring,
    weeks,
)
