"""The thresholds of how content a customer is, and of prospects."""

from typing import Annotated

from shared.domain.thresholds.units import Count, Days, Positive, says
from shared.domain.thresholds.value import ValueThresholds


class SatisfactionThresholds(ValueThresholds, frozen=True, kw_only=True):
    """What weighs signals, grades prospects, and holds a customer against its checklist."""

    # Signals of the composed factors.
    signal_half_life_days: Annotated[Days, says("a signal weighs half as much after so long", "001-11")] = 60.0
    signal_half_lives: Annotated[Positive, says("after so many half-lives a signal is forgotten", "001-11")] = 6.0
    tariff_full_percent: Annotated[
        Positive, says("a price that differs by so many percent is a tariff signal of full strength", "001-11")
    ] = 20.0

    # Rivals.
    rival_exploration_times: Annotated[
        Positive, says("so many times as strong is a rival's offer in exploration", "002-21")
    ] = 2.0

    # Prospects: points of their inquiries, grades by points, and when to come back to each grade.
    served_industries: Annotated[
        tuple[str, ...], says("the industries that the firm serves; none named: not said", "001-3", "001-10")
    ] = ()
    intent_days: Annotated[Days, says("inquiries of so many days tell how strong the intent is", "000-19")] = 30.0
    intent_view_points: Annotated[Positive, says("points of looking", "000-19")] = 1.0
    intent_ask_points: Annotated[Positive, says("points of asking", "000-19")] = 2.0
    intent_probe_points: Annotated[Positive, says("points of a quote, a sample or a negotiation", "000-19")] = 3.0
    intent_a_points: Annotated[Positive, says("from so many points on a prospect has grade A", "000-19")] = 6.0
    intent_b_points: Annotated[Positive, says("from so many points on a prospect has grade B", "000-19")] = 3.0
    intent_c_points: Annotated[Positive, says("from so many points on a prospect has grade C", "000-19")] = 1.0
    revisit_a_days: Annotated[Days, says("a prospect of grade A is visited again after so long", "000-19")] = 2.0
    revisit_b_days: Annotated[Days, says("a prospect of grade B is visited again after so long", "000-19")] = 7.0
    revisit_c_days: Annotated[Days, says("a prospect of grade C is visited again after so long", "000-19")] = 14.0
    revisit_d_days: Annotated[Days, says("a prospect of grade D is visited again after so long", "000-19")] = 30.0
    uncertainty_occasions: Annotated[
        Count, says("purchase days after which only missing inputs leave a customer uncertain", "002-5")
    ] = 3
