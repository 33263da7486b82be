import doctest

import pytest
import stm_tools


@pytest.mark.parametrize(
    "name",
    [
        "weeks",
        "periods",
        "deadlines",
        "duties",
        "rates",
        "scoring",
        "fingerprints",
        "geo",
        "sampling",
        "check_ins",
        "positions",
    ],
)
def test_examples_in_the_documentation(name):
    result = doctest.testmod(getattr(stm_tools, name))
    assert result.attempted
    assert not result.failed
