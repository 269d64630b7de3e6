"""Every measure, registered: import this module where the whole table is wanted."""

from shared.domain.measures import (
    causes,
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
    signs,
    standing,
)
from shared.domain.measures.registry import MEASURES

__all__ = [
    "MEASURES",
    "causes",
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
    "signs",
    "standing",
]
