"""Where the API answers what is folded or reported: the concepts that no measure of the registry shows, or not alone.

Measures tell their fields by the registry. Everything else is named here: for each number the operation and the JSON
pointer into its answer, `0` for any element of a list. Each one is looked up in the OpenAPI document.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple


class Field(NamedTuple):
    """A place in an answer: `GET /v1/funnel`, `/stages/0/heads`."""

    operation: str
    pointer: str

    def __str__(self) -> str:
        return f"{self.operation} #{self.pointer}"


def _of(operation: str, *pointers: str) -> Sequence[Field]:
    return [Field(operation, pointer) for pointer in pointers]


CUSTOMER: Final = "GET /v1/customers/{customer_id}"
ALERTS: Final = "GET /v1/alerts"
TIMELINE: Final = f"{CUSTOMER}/timeline"
FUNNEL: Final = "GET /v1/funnel"
LEDGER: Final = "GET /v1/ledger"


def _report(name: str, *pointers: str) -> Sequence[Field]:
    return _of(f"GET /v1/reports/{name}", *pointers)


FIELDS: Final[Mapping[str, Sequence[Field]]] = MappingProxyType(
    {
        "000-1": _report("retention", "/own_window/rate"),
        "000-2": _of(CUSTOMER, "/stage", "/label"),
        "000-5": [*_of(CUSTOMER, "/why/signal", "/sub_state"), *_of(ALERTS, "/items/0/kind")],
        "000-6": _report("retention", "/second_purchase/rate", "/second_purchase/by_said/0/rate"),
        "000-12": _of(ALERTS, "/items/0/kind"),
        "000-14": _of(CUSTOMER, "/changes/0/missing/0/holds"),
        "000-18": _of(CUSTOMER, "/next/at", "/next/stage"),
        "000-19": _of(CUSTOMER, "/alerts/0/deadline"),
        "001-2": _of(CUSTOMER, "/stage", "/label"),
        "001-4": _of(CUSTOMER, "/changes/0/missing/0/concept"),
        "001-5": _of(CUSTOMER, "/why/guards/0/value"),
        "001-7": _report("transitions", "/paths/0/path"),
        "001-8": _of(CUSTOMER, "/type"),
        "001-9": _of(CUSTOMER, "/lost"),
        "001-10": _report("conversion", "/by/0/groups/0/won_rate"),
        "001-13": _of(CUSTOMER, "/lines/0/stage", "/lines/0/inherited_trust", "/lines/0/main"),
        "001-14": [*_of(CUSTOMER, "/lines/0/satisfaction"), *_of(ALERTS, "/items/0/line")],
        "001-16": _report("retention", "/data_yield/margin"),
        "001-17": _report(
            "retention",
            "/periods/0/acquired/heads",
            "/periods/0/retained/heads",
            "/periods/0/reactivated/heads",
            "/periods/0/lost/money",
        ),
        "002-2": _report("investment", "/rows/0/ratio"),
        "002-7": _report("conversion", "/by/0/groups/0/asked_rate"),
        "002-12": [
            *_of(CUSTOMER, "/risk/details/weak_signs/0/with_it"),
            *_of(ALERTS, "/items/0/kind", "/items/0/evidence/price_delta"),
        ],
        "002-13": [
            *_of(CUSTOMER, "/risk/p_no_purchase", "/risk/due_at"),
            *_of(ALERTS, "/items/0/evidence/wallet_checked", "/items/0/evidence/trend"),
        ],
        "002-15": _of(ALERTS, "/items/0/reason", "/items/0/evidence/event_ids"),
        "002-16": _of(CUSTOMER, "/open_items/0/kind", "/sub_state"),
        "002-17": _of(CUSTOMER, "/why/cause"),
        "002-18": _report("checks", "/checks/0/holds"),
        "002-19": _report("conversion", "/by/0/dimension"),
        "002-23": _of(CUSTOMER, "/lines/0/stage"),
        "002-25": _report("value", "/by_stage/0/spend_share", "/by_stage/0/margin_share"),
        "003-2": _report("retention", "/retention_rate/rate"),
        "004-4": [*_of(CUSTOMER, "/tier"), *_report("value", "/pareto/0/top_profit", "/pareto/0/profit_without_c")],
        "004-5": _report("value", "/matrix/0/tiers/0/heads"),
        "004-6": _report("word-of-mouth", "/curves/0/exploding", "/curves/0/points/0/growth"),
        "004-9": _of(CUSTOMER, "/open_items/0/amount"),
        "004-11": [
            *_of(CUSTOMER, "/waking", "/lost", "/risk/details/overdue_days"),
            *_report("transitions", "/wakes/rate", "/wakes/causes/0/cause"),
        ],
        "004-12": _of(CUSTOMER, "/stage", "/since", "/why", "/next", "/changes"),
        "004-13": _of(TIMELINE, "/items/0/at", "/items/0/text"),
        "004-14": [*_of(LEDGER, "/items/0/receivables"), *_report("ledger", "/by/0/groups/0/amount")],
        "004-16": _of(ALERTS, "/items/0/evidence/mode"),
        "004-17": _report("checks", "/checks/0/holds"),
        "004-18": _of(ALERTS, "/items/0/evidence/ends_at"),
        "004-22": _report("value", "/service/0/ratio"),
        "004-24": [*_of(FUNNEL, "/stages/0/heads"), *_report("retention", "/periods/0/rate")],
    }
)
"""Fields by concept number, in the order of the texts."""
