"""Other ways to count the two orders stretch or shift the scale, by as much as was simulated for the specification."""

from __future__ import annotations

import numpy as np
import pytest
from ratings.simulate import baselines, simulate
from ratings.tables import block, comparisons

from arena_write.ratings import ColumnError, compare_aggregations, rate


def elos(found, name="cand"):
    return {row.rule: row.ratings.entrant(name).elo - 1000.0 for row in found}


@pytest.mark.parametrize("strength", [0.45, 0.9])
def test_the_rules_distort_as_specified(strength):
    # Table of the specification at 50 and 100 Elo: dropping inconsistent pairs +40 to +43 %, dropping ties +5 %, ties
    # for every disagreement -3 %, one fixed order some 35 Elo.
    data = simulate(np.random.default_rng(1), prompts=20_000, strengths=(strength, 0.0))
    gap = elos(compare_aggregations(data, baselines=["base1"]))
    average = gap["average of both orders"]
    assert gap["inconsistent pairs dropped"] / average == pytest.approx(1.42, abs=0.04)
    assert gap["ties dropped"] / average == pytest.approx(1.065, abs=0.02)
    assert gap["disagreement is a tie"] / average == pytest.approx(0.97, abs=0.02)
    assert gap["candidate first"] - average == pytest.approx(35.0, abs=3.0)
    assert gap["baseline first"] - average == pytest.approx(-35.0, abs=3.0)


def test_the_first_rule_is_the_boards():
    data = simulate(np.random.default_rng(2), prompts=30, strengths=(0.3, 0.0, -0.2), bank=True)
    found = compare_aggregations(data, baselines=baselines(3), confidence=0.9)
    assert found[0].rule == "average of both orders"
    assert found[0].ratings == rate(data, baselines=baselines(3), confidence=0.9)
    assert found[0].battles == len(data)


def test_only_pairs_judged_in_both_orders_take_part():
    rows = [row for prompt in range(10) for row in (("a", "b", 1.0, prompt), ("b", "a", 1.0, prompt))]
    found = compare_aggregations(comparisons([*rows, ("a", "b", 1.0, 11)]), baselines=["b"])
    assert found[0].battles == 20
    with pytest.raises(ColumnError, match="no pair of texts was judged in both orders"):
        compare_aggregations(comparisons(block("a", "b", won=3, lost=3, prompts=3)), baselines=["b"])


def test_a_rule_that_leaves_nothing_or_no_scale_says_so():
    # Whoever is first wins: no pair is consistent, and a fixed order has one side win everything.
    rows = [row for prompt in range(40) for row in (("a", "b", 1.0, prompt), ("b", "a", 1.0, prompt))]
    found = {row.rule: row for row in compare_aggregations(comparisons(rows), baselines=["b"])}
    assert found["inconsistent pairs dropped"].reason == "the rule leaves no battle"
    assert found["inconsistent pairs dropped"].ratings is None
    assert found["candidate first"].ratings.entrant("a").kind == "at_least"
    assert found["baseline first"].ratings.entrant("a").kind == "at_most"
    assert found["disagreement is a tie"].ratings.entrant("a").elo == 1000.0


def test_baselines_that_lose_each_other_give_a_reason_and_no_ratings():
    rows = [row for prompt in range(5) for row in (("a", "b", 1.0, prompt), ("b", "a", 1.0, prompt))]
    found = {row.rule: row for row in compare_aggregations(comparisons(rows), baselines=["a", "b"])}
    assert found["average of both orders"].ratings is not None
    one_sided = comparisons([row for row in rows if row[0] == "a"] + [("b", "a", 0.5, prompt) for prompt in range(5)])
    found = {row.rule: row for row in compare_aggregations(one_sided, baselines=["a", "b"])}
    assert found["ties dropped"].ratings is None
    assert found["ties dropped"].reason.startswith("the baselines (a, b) are not tied to each other")


def test_frozen_offsets_are_handed_on():
    data = simulate(np.random.default_rng(3), prompts=30, strengths=(0.3, 0.0, -0.2))
    found = compare_aggregations(data, baselines=baselines(3), offsets={"base1": 1100.0, "base2": 1100.0})
    assert elos(found)["average of both orders"] > 50
    assert found[0].ratings.frozen == ("base1", "base2")
