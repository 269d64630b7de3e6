"""Every measure, registered: import this module where the whole table is wanted."""

from shared.domain.measures import (
    conflicts,
    contacts,
    exploring,
    factors,
    health,
    inquiries,
    loyalty,
    new_line,
    paths,
    perception,
    prospects,
    satisfaction,
    standing,
)
from shared.domain.measures.registry import MEASURES

__all__ = [
    "MEASURES",
    "conflicts",
    "contacts",
    "exploring",
    "factors",
    "health",
    "inquiries",
    "loyalty",
    "new_line",
    "paths",
    "perception",
    "prospects",
    "satisfaction",
    "standing",
]
