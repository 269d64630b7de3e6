"""Every measure, registered: import this module where the whole table is wanted."""

from shared.domain.measures import loyalty, standing
from shared.domain.measures.registry import MEASURES

__all__ = ["MEASURES", "loyalty", "standing"]
