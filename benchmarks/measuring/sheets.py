"""Opening and computing the appraisal sheets of a month: a place in the table."""

from .comparison import COMPARISONS, Comparison

COMPARISONS += [
    Comparison(f"{number:,} appraisal sheets, opened and computed")
    for number in (500, 1_000)
]
