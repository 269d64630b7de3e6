"""Gauss-Legendre nodes: a smooth integral as a handful of terms, the same here and where models are fitted."""

from typing import Final, NamedTuple


class Node(NamedTuple):
    """A place in (0, 1) and its weight; the weights sum to 1."""

    at: float
    weight: float


def _nodes(halves: tuple[tuple[float, float], ...]) -> tuple[Node, ...]:
    """From abscissas in (0, 1) of the interval (-1, 1), which lie on both sides of its middle."""
    low = [Node((1 - at) / 2, weight / 2) for at, weight in reversed(halves)]
    return (*low, *(Node((1 + at) / 2, weight / 2) for at, weight in halves))


EIGHT: Final = _nodes(
    (
        (0.18343464249564978, 0.36268378337836166),
        (0.525532409916329, 0.3137066458778869),
        (0.7966664774136267, 0.22238103445337443),
        (0.9602898564975362, 0.10122853629037706),
    )
)
"""Enough for what bends as gently as a hazard does over the logarithm of time."""
TWENTY: Final = _nodes(
    (
        (0.07652652113349734, 0.15275338713072628),
        (0.22778585114164507, 0.14917298647260424),
        (0.37370608871541955, 0.1420961093183824),
        (0.5108670019508271, 0.1316886384491769),
        (0.636053680726515, 0.1181945319615186),
        (0.7463319064601508, 0.1019301198172407),
        (0.8391169718222188, 0.08327674157670471),
        (0.912234428251326, 0.06267204833410879),
        (0.9639719272779138, 0.040601429800386446),
        (0.993128599185095, 0.017614007139150893),
    )
)
"""Enough for ten digits of the integral in Pareto/NBD."""
