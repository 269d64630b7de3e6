"""How the events of a story are drawn: a letter, a colour, and what the legend says."""

from typing import Final, NamedTuple

from shared.domain.customer import Customer
from shared.domain.events import Competitor, Delivery, Event, PriceChange, type_name
from shared.domain.opinions import opinion_of
from shared.domain.policy import DEFAULT


class Mark(NamedTuple):
    """A letter in a disc of a colour, and its name in the legend."""

    letter: str
    colour: str
    name: str


_PLAIN: Final = {
    "inquiry": Mark("?", "plain", "asked"),
    "inquiry_answered": Mark("A", "good", "answered"),
    "quote_rejected": Mark("×", "bad", "turned an offer down"),
    "refund": Mark("↩", "bad", "refunded"),
    "complaint": Mark("!", "bad", "complained"),
    "complaint_resolved": Mark("✓", "good", "complaint resolved"),
    "praise": Mark("★", "good", "praised us"),
    "referral": Mark("R", "good", "recommended us"),
    "contract": Mark("C", "good", "contract begins"),
    "contract_ended": Mark("C", "bad", "contract ended"),
    "contact": Mark("T", "plain", "in touch"),
    "wallet": Mark("W", "plain", "told its own total business"),
    "invoice": Mark("I", "plain", "invoiced"),
    "payment": Mark("P", "good", "paid"),
    "end_intent": Mark("E", "bad", "wants to leave"),
    "ended": Mark("E", "bad", "declared over"),
    "profile": Mark("i", "plain", "what another system knew"),
    "value": Mark("V", "good", "got something of worth"),
    "cost": Mark("c", "plain", "a cost of the relationship"),
    "consent": Mark("k", "plain", "consent"),
    "alias": Mark("a", "plain", "another name"),
}
_RIVAL: Final = {
    "mention": Mark("m", "plain", "rival mentioned"),
    "offer": Mark("o", "bad", "rival's offer"),
    "trial": Mark("t", "bad", "tries a rival"),
    "switch": Mark("s", "bad", "switched to a rival"),
}
CONTENT: Final = Mark("+", "good", "content")
DISCONTENT: Final = Mark("−", "bad", "not content")


def mark_of(event: Event) -> Mark:
    """How an event that is no purchase is drawn."""
    match event:
        case Delivery():
            return Mark("D", "good", "delivered in time") if event.on_time else Mark("D", "bad", "delivered late")
        case Competitor():
            return _RIVAL[event.kind or "mention"]
        case PriceChange():
            rise = event.percent > 0
            return Mark("%", "bad" if rise else "good", "our prices rose" if rise else "our prices fell")
    name = type_name(event)
    if name == "feedback":
        return CONTENT if (opinion_of(event, Customer(), DEFAULT) or 0.0) >= 0 else DISCONTENT
    return _PLAIN[name]
