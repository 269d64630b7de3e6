"""Every type of event that means something here, and what senders may put into its `data`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.ingest.formats import posted_ties, posted_trade, posted_voices
from services.ingest.formats.posted import Posted

_ALL: Final[tuple[type[Posted], ...]] = (
    posted_trade.PostedPurchase,
    posted_trade.PostedRefund,
    posted_trade.PostedInvoice,
    posted_trade.PostedPayment,
    posted_trade.PostedInquiry,
    posted_trade.PostedAnswer,
    posted_trade.PostedQuoteRejected,
    posted_trade.PostedDelivery,
    posted_trade.PostedPriceChange,
    posted_voices.PostedFeedback,
    posted_voices.PostedComplaint,
    posted_voices.PostedComplaintResolved,
    posted_voices.PostedPraise,
    posted_voices.PostedReferral,
    posted_voices.PostedCompetitor,
    posted_voices.PostedContact,
    posted_voices.PostedEndIntent,
    posted_voices.PostedEnded,
    posted_ties.PostedContract,
    posted_ties.PostedContractEnded,
    posted_ties.PostedWallet,
    posted_ties.PostedValue,
    posted_ties.PostedCost,
    posted_ties.PostedConsent,
    posted_ties.PostedProfile,
    posted_ties.PostedAlias,
)
KINDS: Final[Mapping[str, type[Posted]]] = MappingProxyType(
    {str(posted.becomes.__struct_config__.tag): posted for posted in _ALL}
)
"""The types that mean something here. Any other type is taken as it is and changes no stage."""
