"""Hypothesis kept brief and repeatable while mutants are tried: few examples, the same ones, nothing written down."""

from typing import Final

import pytest
from hypothesis import Phase, settings

EXAMPLES: Final = 25
"""Examples at most of a property; most mutants that a property can tell, it tells by one of the first."""
_USED: Final = "_hypothesis_internal_use_settings"


def calm(item: pytest.Item) -> None:
    """Make a property brief, whatever its own settings ask for; other tests stay as they are."""
    test = getattr(item, "obj", None)
    test = getattr(test, "__func__", test)
    asked = getattr(test, _USED, None)
    if isinstance(asked, settings):
        brief = settings(
            asked,
            max_examples=min(asked.max_examples, EXAMPLES),
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
        )
        setattr(test, _USED, brief)
