"""Latent attrition: the published fits, and the same numbers as the domain's closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln, hyp2f1

from bench.histories import by_customer, cdnow
from shared.domain.instants import DAY, Day
from shared.domain.rhythm.attrition import Attrition, Kind, Past, p_none
from shared.fitting import attrition
from shared.fitting.arrays import Floats
from shared.fitting.attrition import Likelihood, Rows, best, beta_geometric, fit_better, pareto, rows_of
from tests.unit.fitting.shops import TODAY, Shopper, crowd, shop, shopper

WEEK_39 = Day(10_134)
"""1997-09-30."""
PARAMETERS = st.floats(-5, 7).map(np.exp)
ROWS = Rows(*(np.array(column) for column in ([0.0, 0, 3, 40], [0.0, 0, 20, 50], [30.0, 0, 38, 55], [3.0, 1, 2, 1])))


def bg_nbd(values: Floats, rows: Rows) -> tuple[Floats, Floats]:
    """A customer cannot leave right after its first purchase."""
    return beta_geometric(values, rows, at_once=False)


@pytest.fixture(scope="module")
def cdnow_rows() -> Rows:
    """The CDNOW sample as of week 39: 2,357 customers."""
    days = (sorted({row.at // DAY for row in rows}) for rows in by_customer(cdnow(sample=True)).values())
    known = shop(*(shopper(*bought) for bought in days)).whole
    return rows_of(known.known_at(Day(WEEK_39 + 1)).newest(), WEEK_39)


def test_bg_nbd_of_cdnow_is_as_published(cdnow_rows: Rows) -> None:
    # Fader, Hardie & Lee (2005), table 3.
    values, reached = best(bg_nbd, cdnow_rows, (1, 1, 1, 1))

    assert [f"{value:.3f}" for value in values] == ["0.243", "4.414", "0.793", "2.426"]
    assert f"{reached:.1f}" == "-9582.4"


def test_pareto_nbd_of_cdnow_is_as_published(cdnow_rows: Rows) -> None:
    values, reached = best(pareto, cdnow_rows, (1, 1, 1, 1))

    assert [f"{value:.3f}" for value in values] == ["0.553", "10.578", "0.606", "11.669"]
    assert f"{reached:.1f}" == "-9595.0"


def test_the_kind_that_explains_more_is_chosen(cdnow_rows: Rows) -> None:
    chosen = fit_better(cdnow_rows)

    both = attrition.fit_mbg_nbd(cdnow_rows), attrition.fit_pareto_nbd(cdnow_rows)
    assert chosen.log_likelihood == max(fitted.log_likelihood for fitted in both)
    assert chosen.model.kind == "mbg_nbd"


def test_rows_are_customers_that_are_alike() -> None:
    known = shop(shopper(100, 114), shopper(100, 114), shopper(101)).whole

    rows = rows_of(known.newest(), Day(121))

    assert sorted(zip(*(column.tolist() for column in rows), strict=True)) == [(0, 0, 20 / 7, 1), (1, 2, 3, 2)]


def test_very_many_kinds_of_customers_are_told_apart_by_the_week(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attrition, "MOST_ROWS", 2)
    known = shop(*(shopper(100, 114 + more) for more in range(3))).whole

    rows = rows_of(known.newest(), Day(121))

    assert [column.tolist() for column in rows] == [[1], [2], [3], [3]]


@pytest.mark.parametrize("likelihood", [beta_geometric, bg_nbd, pareto])
@given(st.tuples(*[st.floats(-3, 2).map(np.exp)] * 4))
def test_slopes_are_those_of_the_likelihood(likelihood: Likelihood, values: tuple[float, ...]) -> None:
    here, step = np.array(values), 1e-5
    _, slopes = likelihood(here, ROWS)

    for place in range(4):
        moved = np.zeros(4)
        moved[place] = step * here[place]
        up, down = likelihood(here + moved, ROWS)[0], likelihood(here - moved, ROWS)[0]
        np.testing.assert_allclose(slopes[place] * here[place], (up - down) / (2 * step), rtol=1e-3, atol=1e-3)


@given(st.tuples(*[st.floats(-3, 2).map(np.exp)] * 4))
def test_the_likelihood_of_pareto_nbd_is_the_one_with_gauss_functions(values: tuple[float, ...]) -> None:
    each, _ = pareto(np.array(values), ROWS)

    np.testing.assert_allclose(each, _by_gauss(values, ROWS), rtol=1e-7, atol=1e-7)


def _by_gauss(values: tuple[float, ...], rows: Rows) -> Floats:
    """Fader & Hardie (2005), "A note on deriving the Pareto/NBD model", equation 22."""
    r, alpha, s, beta = values
    x, n, most = rows.repeats, r + s + rows.repeats, max(alpha, beta)
    second = s + 1 if alpha >= beta else r + x

    def part(age: Floats) -> Floats:
        return np.asarray(hyp2f1(n, second, n + 1, abs(alpha - beta) / (most + age)) / (most + age) ** n)

    begun = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    alive = (alpha + rows.age) ** -(r + x) * (beta + rows.age) ** -s
    return np.asarray(begun + np.log(alive + s / n * (part(rows.last) - part(rows.age))))


@given(
    st.sampled_from(["mbg_nbd", "pareto_nbd"]),
    st.tuples(PARAMETERS, PARAMETERS, PARAMETERS, PARAMETERS),
    st.integers(0, 200),
    st.floats(0, 500),
    st.floats(0, 1_000),
    st.floats(0.1, 100),
)
def test_p0_is_what_the_domain_says(
    kind: Kind, values: tuple[float, ...], repeats: int, last: float, silence: float, ahead: float
) -> None:
    r, alpha, a, b = values
    model = Attrition(kind=kind, r=r, alpha=alpha, a=a, b=b)

    found = attrition.p_none(model, *(np.array((one,)) for one in (float(repeats), last, silence, ahead)))

    assert found[0] == pytest.approx(p_none(model, Past(repeats, last), silence, ahead), rel=1e-9, abs=1e-12)


def test_a_fit_explains_at_least_as_much_as_the_truth() -> None:
    known = shop(*crowd(500, leaves=0.3)).whole
    rows = rows_of(known.newest(), TODAY)

    fitted = attrition.fit_mbg_nbd(rows)

    # Buying at a rate of gamma(2, 20/2 days) would give r near 2; leaving with 0.3 a mean of a/(a + b) near 0.3.
    assert fitted.model.a / (fitted.model.a + fitted.model.b) == pytest.approx(0.3, abs=0.05)
    truth, _ = beta_geometric(np.array((2.0, 5.0, 3.0, 7.0)), rows)
    assert fitted.log_likelihood >= float((truth * rows.customers).sum())


@pytest.mark.parametrize(
    "customers",
    [
        [shopper(100)] * 50,
        [shopper(*range(100, 400))] * 50,
        [shopper(TODAY - 1)] * 50,
        [shopper(0, 9_000, 19_000)] * 50,
        [shopper(*range(10_000))],
    ],
)
def test_parameters_stay_within_bounds_whatever_the_data(customers: list[Shopper]) -> None:
    rows = rows_of(shop(*customers).whole.newest(), TODAY)

    for fitted in (attrition.fit_mbg_nbd(rows), attrition.fit_pareto_nbd(rows)):
        model = fitted.model
        for value in (model.r, model.alpha, model.a, model.b):
            assert attrition.LOWEST - 1e-9 <= np.log(value) <= attrition.HIGHEST + 1e-9
        assert np.isfinite(fitted.log_likelihood)
