"""Every measure, registered: import this module where the whole table is wanted."""

from shared.domain.measures import conflicts, loyalty, perception, satisfaction, standing
from shared.domain.measures.registry import MEASURES

__all__ = ["MEASURES", "conflicts", "loyalty", "perception", "satisfaction", "standing"]
