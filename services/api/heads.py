"""The funnel as the API answers it: heads and money by stage, heads by type, and the moves between stages."""

from collections import Counter
from collections.abc import Sequence

from services.api.labels import STAGES, TYPES, Language
from services.api.money import moneys_answer
from services.api.schemas.funnel import Funnel, Moves, StageHeads, TypeHeads
from services.api.times import stamp
from shared.domain.customer import CustomerType
from shared.domain.instants import Instant
from shared.domain.stages import Stage
from shared.ports.queries import MoveCount, StageCount


def funnel_answer(
    reached: Instant | None, counts: Sequence[StageCount], moves: Sequence[MoveCount], language: Language
) -> Funnel:
    """How many customers stand where, what they usually buy, and how they have moved."""
    order = list(Stage)
    return Funnel(
        as_of=None if reached is None else stamp(reached),
        heads=sum(count.heads for count in counts),
        stages=[_stage(stage, counts, language) for stage in Stage],
        types=[_type(kind, counts, language) for kind in CustomerType],
        transitions=[
            Moves(source=move.source, target=move.target, count=move.count)
            for move in sorted(moves, key=lambda move: (order.index(move.source), order.index(move.target)))
        ],
    )


def _stage(stage: Stage, counts: Sequence[StageCount], language: Language) -> StageHeads:
    here = [count for count in counts if count.stage is stage]
    levels: Counter[str] = Counter()
    for count in here:
        if count.currency is not None:
            levels[count.currency] += count.level
    return StageHeads(
        stage=stage,
        label=STAGES[stage].says(language),
        heads=sum(count.heads for count in here),
        level=moneys_answer([(level, currency) for currency, level in sorted(levels.items())]),
    )


def _type(kind: CustomerType, counts: Sequence[StageCount], language: Language) -> TypeHeads:
    heads = sum(count.heads for count in counts if count.type is kind)
    return TypeHeads(type=kind, label=TYPES[kind].says(language), heads=heads)
