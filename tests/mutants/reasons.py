"""Why some mutants may survive: the module, the line as it is, the line as it was changed, and the reason."""

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[tuple[str, str, str], str]] = {}
"""By the path of the module and the two lines, without their indents."""
