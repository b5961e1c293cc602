"""Printed numbers held against each other: by hand, by brute force, by R."""

from __future__ import annotations

import itertools
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import larstudy as ls
from larstudy.cli import main
from larstudy.errors import LarstudyError, MissingPackageError, UnknownNameError
from larstudy.published import _grim, _ratios, _series, _share_of
from larstudy.review_files import review_bytes
from larstudy.stats.printed_numbers import (
    change_d_z,
    correlation_interval,
    correlation_stars,
    d_from_t,
    grim,
    grimmer,
    implied_fit,
    possible_counts,
    printed,
    ratio_from_limits,
    share_below,
    two_means_d,
)
from larstudy.stats.random_effects import RandomEffects, random_effects
from larstudy.stats.small_changes import PrintedChange, change_effect, spread_from_interval, spread_from_sds

ORACLES = Path(__file__).parent / "oracles"


# -- reading --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "low", "high", "stars"),
    [
        ("0.46", 0.46, 0.455, 0.465, 0),
        (".622***", 0.622, 0.6215, 0.6225, 3),
        ("39 %", 0.39, 0.385, 0.395, 0),
        ("39%", 0.39, 0.385, 0.395, 0),
        ("−.173", -0.173, -0.1735, -0.1725, 0),
        ("-.532**", -0.532, -0.5325, -0.5315, 2),
        ("7,554", 7554, 7553.5, 7554.5, 0),
    ],
)
def test_printed_numbers(text, value, low, high, stars):
    found = printed(text)
    np.testing.assert_allclose([found.value, found.low, found.high], [value, low, high])
    assert found.stars == stars


def test_about_so_much_and_no_number():
    assert (printed("7900", approximate=True).low, printed("7900", approximate=True).high) == (7850, 7950)
    for text in ("", "about 5", "1.2.3", "*"):
        with pytest.raises(ValueError, match="not a printed number"):
            printed(text)


# -- what follows ---------------------------------------------------------------------------------------


def test_share_below_a_norm():
    found = share_below(printed("0.46"), printed("0.69"))
    # (0.69 - 0.46) / 0.69; the ends (0.685 - 0.465) / 0.685 and (0.695 - 0.455) / 0.695
    np.testing.assert_allclose(
        [found.value, found.low, found.high], [0.23 / 0.69, 0.22 / 0.685, 0.24 / 0.695]
    )
    assert not found.allows(printed("39 %"))
    assert found.allows(printed("33 %"))
    # Above the lowest score there is, 0.1: 0.23 / 0.59
    assert share_below(printed("0.46"), printed("0.69"), 0.1).value == pytest.approx(0.3898, abs=1e-4)


@given(share=st.integers(0, 100), n=st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_possible_counts_are_those_that_round_to_the_share(share, n):
    low, high = possible_counts(printed(f"{share} %"), n)
    within = [k for k in range(n + 1) if abs(100 * k / n - share) <= 0.5 + 1e-9]
    assert list(range(max(low, 0), min(high, n) + 1)) == within


def test_ratios_on_the_logarithmic_scale():
    # sqrt(1.4 * 4.8) = 2.59
    assert ratio_from_limits(printed("1.4"), printed("4.8")).allows(printed("2.6"))
    assert not ratio_from_limits(printed("1.4"), printed("4.8")).allows(printed("3.1"))
    # A lower limit of 0.0 can have been 0.049: sqrt(0.05 * 0.65) = 0.18
    assert ratio_from_limits(printed("0.0"), printed("0.6")).allows(printed("0.2"))


def test_fisher_intervals_as_they_are_known():
    # Intervals worked out for Table 5 at n = 107
    for r, low, high in (
        (0.768, 0.68, 0.84),
        (0.680, 0.56, 0.77),
        (-0.251, -0.42, -0.06),
        (-0.173, -0.35, 0.02),
    ):
        assert [round(v, 2) for v in correlation_interval(r, 107)] == [low, high]


def test_stars_from_the_t_distribution():
    # R: 2 * pt(-abs(r) * sqrt(105 / (1 - r^2)), 105) is .0113 for .244 and .00906 for .251
    assert correlation_stars(printed(".244"), 107) == {1}
    assert correlation_stars(printed("-.251"), 107) == {2}
    assert correlation_stars(printed(".116"), 107) == {0}
    # Between .2475 and .2485 the p-value passes .01: either is possible.
    assert correlation_stars(printed(".248"), 107) == {1, 2}


def test_fit_of_two_factors():
    found = implied_fit(printed("0.063"), printed("0.919"), df=34, baseline_df=45, n=531)
    # 34 (1 + 530 * 0.063^2) = 105.52; over 0.081 the baseline's 1302.7; 1 - 71.52 / 1257.7 = .9431
    np.testing.assert_allclose([found.chi_square.value, found.cfi.value], [105.52, 0.9431], atol=0.006)
    # Printed are 0.050 and 0.076
    np.testing.assert_allclose([found.rmsea_low, found.rmsea_high], [0.050, 0.0766], atol=0.0006)
    perfect = implied_fit(printed("0.000"), printed("0.999"), df=34, baseline_df=45, n=531)
    assert perfect.rmsea_low == 0.0


def test_effects_from_print():
    d = two_means_d(printed("63"), printed("35"), (printed("38"), printed("36")))
    assert d.value == pytest.approx(28 / np.sqrt((38**2 + 36**2) / 2))
    assert d_from_t(printed("3.2"), 70).value == pytest.approx(3.2 * 2 / np.sqrt(70))
    # SE = 0.03 / t(201), t = 1.97184: SD = SE sqrt(202) = 0.21624; d = 0.06 / 0.21624
    assert change_d_z(printed("0.06"), printed("0.03"), printed("0.09"), 202).value == pytest.approx(
        0.27747, abs=1e-4
    )
    assert change_d_z(printed("0.1"), printed("0.1"), printed("0.1"), 9).value == np.inf


@given(n=st.integers(2, 12), cents=st.integers(100, 500))
@settings(max_examples=40, deadline=None)
def test_grim_by_every_sum(n, cents):
    text = f"{cents / 100:.2f}"
    possible = any(abs(total / n - cents / 100) <= 0.005 + 1e-9 for total in range(6 * n))
    assert grim(printed(text), n) == possible


@pytest.mark.parametrize(("n", "cents"), [(4, 25), (4, 50), (5, 60), (6, 33)])
def test_grimmer_never_refuses_what_is(n, cents):
    samples = {tuple(sorted(s)) for s in itertools.product(range(5), repeat=n)}
    for sample in samples:
        mean, sd = np.mean(sample), np.std(sample, ddof=1)
        if round(mean % 1 * 100) == cents:
            assert grimmer(printed(f"{mean:.2f}"), printed(f"{sd:.2f}"), n)
    # No mean of 20 whole numbers is 3.47; 28 whole numbers with the mean 5.21 (sum 146) have no SD of 1.61: squares
    # would add up to 829.97 .. 830.84 for 1.60, and 830.85 .. 831.7 for 1.61, 831 being odd.
    assert not grimmer(printed("3.47"), printed("1.00"), 20)
    assert grimmer(printed("5.21"), printed("1.60"), 28)
    assert not grimmer(printed("5.21"), printed("1.61"), 28)


# -- the checks -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checks() -> pd.DataFrame:
    return ls.published_checks().to_frame().set_index("check")


def test_what_comes_of_each_check(checks):
    expected = {
        "lost": "cannot_tell", "enrolled": "inconsistent", "below_norm": "inconsistent", "voluntary": "consistent",
        "opioid_deaths": "consistent", "net_2017": "inconsistent", "table5": "inconsistent",
        "two_factors": "consistent", "goehl": "consistent", "ratios_2016": "consistent", "year_end": "cannot_tell",
        "dispensed": "inconsistent", "pasareanu_change": "consistent", "vederhus_mean": "cannot_tell",
    }  # fmt: skip
    assert checks["verdict"].to_dict() == expected


def test_what_is_told_of_each(checks):
    assert checks.loc["below_norm", "note"].endswith("from the lowest score, 0.1: 39 %.")
    assert checks.loc["table5", "follows"].startswith("46 / 50; clinical anxiety / QOL10 -.532** (***)")
    assert checks.loc["dispensed", "follows"] == "2015-2016: -154; 2016-2017: -95"
    assert checks.loc["year_end", "printed"].startswith("2011 6640, 2016 7554")
    assert checks.loc["lost", "follows"] == "215-218 / 338; 348-353 / 548"
    assert "does not follow 5" in ls.published_checks().summary()


def test_every_correlation_has_its_interval():
    frame = ls.published_checks().to_frame("correlations")
    assert len(frame) == 50
    row = frame.query("variable == 'WHOQOL psychological' and column == 'QOL10'").iloc[0]
    assert (round(row["conf_low"], 2), round(row["conf_high"], 2), row["stars"], row["stars_follow"]) == (
        0.68,
        0.84,
        3,
        "3",
    )
    differ = frame[
        [str(s) not in follow for s, follow in zip(frame["stars"], frame["stars_follow"], strict=True)]
    ]
    assert len(differ) == 4
    with pytest.raises(UnknownNameError, match="correlations"):
        ls.published_checks().to_frame("stars")


def test_checks_can_come_out_otherwise():
    wrong = _ratios({"rows": [["a", "3.3", "1.0", "10.3"], ["b", "5.0", "1.0", "10.3"]]})
    assert (wrong.verdict, wrong.follows) == ("inconsistent", "1 / 2; b")
    none = _share_of({"share": "64 %", "bases": ["10", "7"]})
    assert (none.verdict, none.follows) == ("inconsistent", "- / 10; - / 7")
    assert _share_of({"share": "50 %", "bases": ["10", "7"]}).verdict == "consistent"
    impossible = _grim({"mean": "3.47", "n": "20", "items": 1, "step": 1.0})
    assert impossible.verdict == "inconsistent"


def test_a_series_without_gaps_that_rises(monkeypatch):
    counts = {
        "a": {"year": 2001, "measure": "m", "patients": 10},
        "b": {"year": 2002, "measure": "m", "patients": 20},
    }
    monkeypatch.setattr("larstudy.published.resource_toml", lambda *_: {"counts": counts})
    assert _series({"measure": "m"}).verdict == "consistent"
    counts["b"] |= {"patients": 60, "approximate": True}
    # About 60 can be 10: it cannot be told whether it rose.
    assert _series({"measure": "m"}).verdict == "cannot_tell"


@pytest.mark.parametrize("lang", ["nb", "nn"])
def test_languages_say_the_same(lang):
    english, other = ls.published_checks(), ls.published_checks(lang=lang)
    for one, two in zip(english.rows, other.rows, strict=True):
        assert (one["follows"], one["verdict"]) == (two["follows"], two["verdict"])
        assert [c for c in one["note"] if c.isdigit()] == [c for c in two["note"] if c.isdigit()]
        assert one["label"] != two["label"]
    assert other.table().columns[2].label == "Hvor" if lang == "nb" else "Kvar"
    with pytest.raises(UnknownNameError):
        ls.published_checks(lang="no")


def test_picture_of_the_checks():
    found = ls.published_checks()
    signs = {"consistent": "+", "inconsistent": "−", "cannot_tell": "?"}
    assert [text.get_text() for text in found.plot().texts] == [signs[row["verdict"]] for row in found.rows]


# -- cohorts --------------------------------------------------------------------------------------------


def test_random_effects_as_metafor():
    oracle = pd.read_csv(ORACLES / "random_effects.csv", skipinitialspace=True)
    for row in oracle.to_dict("records"):
        effects, variances = (np.array(row[name].split(), dtype=float) for name in ("y", "v"))
        found = random_effects(effects, variances)
        for field in fields(RandomEffects):
            if field.name in row:
                assert getattr(found, field.name) == pytest.approx(row[field.name], abs=1e-8), (
                    row["data"],
                    field.name,
                )
        with_gap = random_effects(np.append(effects, np.nan), np.append(variances, 0.1))
        assert with_gap == found
    alone = random_effects(np.array([0.3, np.nan]), np.array([0.1, 0.1]))
    assert (alone.k, alone.reason) == (1, "fewer than two studies have an effect")
    assert np.isnan(alone.estimate)


def test_effects_of_printed_changes():
    # 0.03 / sqrt(0.25^2 + 0.237^2 - 2 r 0.25 0.237) sqrt(2 (1 - r)) at r = 0.5: 0.03 / 0.24376
    aas = PrintedChange(label="a", n=245, change=0.03, spread=spread_from_sds(0.25, 0.237))
    assert change_effect(aas, 0.5)[0] == pytest.approx(0.12307, abs=1e-5)
    one = PrintedChange(label="p", n=202, change=0.06, spread=spread_from_interval(0.03, 0.09, 202))
    assert change_effect(one, 0.5)[0] == pytest.approx(0.27747, abs=1e-4)
    # sqrt(2 (1 - 0.7)) of it
    assert change_effect(one, 0.7)[0] == pytest.approx(0.27747 * np.sqrt(0.6), abs=1e-4)
    assert np.isnan(change_effect(PrintedChange(label="v", n=140, change=0.11, spread=None), 0.5)).all()


def test_cohorts_and_their_mean():
    found = ls.cohort_changes()
    frame = found.to_frame()
    own = frame[frame["cohort"] == "HELP"].iloc[0]
    scores = ls.outcome(ls.load_help(), "mental")
    before, after = scores.values[:, 0], scores.values[:, 1]
    known = np.isfinite(before) & np.isfinite(after)
    change = (after - before)[known]
    r = np.corrcoef(before[known], after[known])[0, 1]
    assert own["n"] == known.sum()
    assert own["d_rm"] == pytest.approx(change.mean() / change.std(ddof=1) * np.sqrt(2 * (1 - r)))
    vederhus = frame[frame["cohort"].str.startswith("Vederhus")]
    assert (vederhus["reason"] == "no standard deviation and no interval is printed").all()
    pooled = found.to_frame("pooled").set_index("correlation")
    half = frame[(frame["correlation"] == 0.5) & frame["d_rm"].notna()]
    effects = np.append(half["d_rm"], own["d_rm"])
    expected = random_effects(
        effects, ((np.append(half["conf_high"], own["conf_high"]) - effects) / 1.959964) ** 2
    )
    assert pooled.loc[0.5, "d_rm"] == pytest.approx(expected.estimate, rel=1e-6)
    assert pooled.loc[0.5, "i_squared"] == pytest.approx(expected.i_squared, rel=1e-6)
    ax = found.plot()
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert len(labels) == frame["d_rm"].notna().sum() + 2 * len(pooled)
    assert labels[-1].startswith("where another cohort would lie")
    assert "−0,40 til 1,14" in ls.cohort_changes(lang="nn").summary()


def test_a_cohort_of_ones_own():
    own = ls.MeasuredChange(
        label="Ours", measure="QOL10", before=np.array([1.0, 2, 4, 3]), after=np.array([2.0, 2, np.nan, 5])
    )
    frame = ls.cohort_changes([own]).to_frame()
    assert frame.query("cohort == 'Ours'")["n"].item() == 3
    assert "HELP" not in set(frame["cohort"])


def test_cohorts_without_the_real_data(monkeypatch):
    def missing() -> None:
        raise MissingPackageError("not here")

    monkeypatch.setattr("larstudy.studies.review_verdicts.load_help", missing)
    assert set(ls.cohort_changes().to_frame("pooled")["k"]) == {2}


@pytest.mark.parametrize("part", ["published", "cohorts"])
def test_command_line(part, tmp_path, capsys):
    for kind in ("md", "csv", "html"):
        assert main(["review", part, "--lang", "nb", "--format", kind]) == 0
        assert "Pasareanu 2015" in capsys.readouterr().out
    out = tmp_path / "forest.svg"
    code = main(["review", part, "--format", "svg", "--out", str(out)])
    assert (code, out.exists()) == ((0, True) if part == "cohorts" else (1, False))
    assert main(["review", part, "--format", "bib"]) == 1
    with pytest.raises(LarstudyError, match="not of one of your own"):
        review_bytes(tmp_path / "claims.toml", part=part, lang="en", kind="md")
