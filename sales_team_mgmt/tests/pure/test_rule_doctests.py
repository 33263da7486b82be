import doctest
import importlib
from pathlib import Path

import pytest
import stm_tools

# Workbooks are written, not computed.
WITHOUT_EXAMPLES = {"__init__", "xlsx"}


@pytest.mark.parametrize(
    "name",
    sorted(
        {path.stem for path in Path(stm_tools.__path__[0]).glob("*.py")}
        - WITHOUT_EXAMPLES
    ),
)
def test_examples_in_the_documentation(name):
    result = doctest.testmod(importlib.import_module(f"stm_tools.{name}"))
    assert result.attempted
    assert not result.failed
