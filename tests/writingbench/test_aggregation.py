"""WritingBench's figures, worked by hand for each quirk of its `calculate_scores.py`."""

import random

import pytest

from writingbench.aggregation import DOMAINS, REQUIREMENTS, GroupMean, Judgement, aggregate


def judge(scores, record=0):
    """Judgements from `{query: {criterion: [scores of its repeats]}}`."""
    return [
        Judgement(query, criterion, score, record)
        for query, own in scores.items()
        for criterion, repeats in own.items()
        for score in repeats
    ]


def figures(judgements, **labels):
    return aggregate(judgements, **{"domains": {}, "subdomains": {}, "requirements": {}, **labels})


def test_overall_weighs_judgements_and_a_query_that_was_judged_more_often_weighs_more():
    # Query 1: five repeats of 2; query 2: one 8. Micro (5 * 2 + 8) / 6 = 3; macro (2 + 8) / 2 = 5.
    made = figures(judge({"1": {"a": [2, 2, 2, 2, 2]}, "2": {"a": [8]}}))
    assert (made.overall, made.macro) == (3.0, 5.0)
    assert (made.judgements, made.records, made.queries) == (6, 2, {"1": 2.0, "2": 8.0})


def test_a_query_averages_its_judgements_and_not_its_criteria():
    # (4 + 4 + 4 + 8) / 4 = 5, not the mean of the criteria's means (4 + 8) / 2 = 6.
    assert figures(judge({"1": {"a": [4, 4, 4], "b": [8]}})).queries == {"1": 5.0}


def test_domains_are_means_over_queries_in_the_order_of_the_tables():
    scores = {"1": {"a": [2, 2, 2]}, "2": {"a": [8]}, "3": {"a": [6]}, "4": {"a": [10]}, "5": {"a": [1]}}
    domains = {"1": "Education", "2": "Education", "3": "Finance & Business", "4": "A domain of another set"}
    made = figures(judge(scores), domains=domains, subdomains={"1": "Z", "3": "B"})
    assert list(made.domains.items()) == [
        ("Finance & Business", GroupMean(6.0, 1)),
        ("Education", GroupMean(5.0, 2)),  # (2 + 8) / 2; weighed by judgements it were 14 / 4
        ("A domain of another set", GroupMean(10.0, 1)),
    ]
    assert list(made.subdomains.items()) == [("B", GroupMean(6.0, 1)), ("Z", GroupMean(2.0, 1))]


def test_r_averages_queries_and_c_averages_pairs_so_that_two_criteria_weigh_twice():
    scores = {
        "1": {"words": [4, 6], "tone": [10, 10]},  # mean 7.5; its pair: 5
        "2": {"words": [2], "pages": [3]},  # mean 2.5; its pairs: 2 and 3
        "3": {"words": [9]},  # not in the subset
    }
    length = {"1": ("words",), "2": ("words", "pages"), "4": ("words",)}  # query 4 was not scored
    made = figures(judge(scores), requirements={"length": length}).requirements["length"]
    assert made.r == GroupMean(5.0, 2)
    assert made.c.count == 3
    assert made.c.mean == pytest.approx((5 + 2 + 3) / 3)


def test_a_subset_without_a_scored_query_has_no_figure_where_the_script_says_0():
    made = figures(judge({"1": {"a": [7]}}), requirements={"style": {"2": ("a",)}, "format": {}})
    assert set(made.requirements) == set(REQUIREMENTS)
    for score in made.requirements.values():
        assert score.r == score.c == GroupMean(None, 0)
    nothing = figures([])
    assert (nothing.overall, nothing.macro, nothing.judgements, nothing.records) == (None, None, 0, 0)


def test_a_doubled_record_counts_in_overall_and_count_and_its_last_alone_elsewhere():
    # The second record of query 1 replaces the first for queries, domains, R and C; Overall holds both.
    first, second = judge({"1": {"a": [2], "b": [4]}, "2": {"a": [9]}}), judge({"1": {"a": [6], "b": [8]}}, record=1)
    made = figures(first + second, domains={"1": DOMAINS[0]}, requirements={"length": {"1": ("a",)}})
    assert made.overall == (2 + 4 + 9 + 6 + 8) / 5
    assert made.records == 3
    assert made.queries == {"1": 7.0, "2": 9.0}
    assert made.domains == {DOMAINS[0]: GroupMean(7.0, 1)}
    assert (made.requirements["length"].r, made.requirements["length"].c) == (GroupMean(7.0, 1), GroupMean(6.0, 1))
    assert made.doubled == ("1",)


def test_a_criterion_of_a_subset_that_nobody_scored_is_named_where_the_script_stops():
    made = figures(judge({"1": {"a": [7]}}), requirements={"style": {"1": ("a", "b")}, "length": {"2": ("c",)}})
    assert made.requirements["style"].c == GroupMean(7.0, 1)
    assert made.unscored == (("style", "1", "b"),)  # query 2 was not scored at all: nothing of it is missing


def test_names_of_requirements_beyond_the_three_are_kept():
    made = figures(judge({"1": {"a": [7]}}), requirements={"citations": {"1": ("a",)}})
    assert list(made.requirements) == [*REQUIREMENTS, "citations"]
    assert made.requirements["citations"].c == GroupMean(7.0, 1)


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="the score of query '1' on 'a' is nan, no number"):
        Judgement("1", "a", float("nan"))


def as_the_script(records, domains, subsets):
    """The script's algorithm in plain words, over the records of one score file in its order."""
    totals, counts, means, details = {}, {}, {}, {}
    for index, scores in records:
        flat = [score for repeats in scores.values() for score in repeats]
        totals[index] = totals.get(index, 0) + sum(flat)
        counts[index] = counts.get(index, 0) + len(flat)
        means[index] = sum(flat) / len(flat)
        details[index] = {name: sum(repeats) / len(repeats) for name, repeats in scores.items()}
    groups = {}
    for index, mean in means.items():
        if index in domains:
            groups.setdefault(domains[index], []).append(mean)
    figures = {"overall": sum(totals.values()) / sum(counts.values()), "count": len(records)}
    figures |= {name: sum(some) / len(some) for name, some in groups.items()}
    for name, subset in subsets.items():
        within = [means[index] for index in subset if index in means]
        pairs = [details[index][one] for index, names in subset.items() if index in means for one in names]
        figures |= {f"{name} R": sum(within) / len(within), f"{name} C": sum(pairs) / len(pairs)}
    return figures


@pytest.mark.parametrize("seed", range(5))
def test_every_score_file_that_the_script_accepts_gets_its_figures(seed):
    draw = random.Random(seed)
    indexes = [str(number) for number in range(40)]
    criteria = [f"c{number}" for number in range(5)]
    order = indexes + draw.sample(indexes, 6)  # six records stand twice
    draw.shuffle(order)
    records = [
        (index, {name: [draw.randint(1, 10) for _ in range(draw.randint(1, 3))] for name in criteria})
        for index in order
    ]
    domains = {index: draw.choice(DOMAINS) for index in indexes[5:]}
    subsets = {
        name: {index: draw.sample(criteria, draw.randint(1, 2)) for index in draw.sample(indexes, 12)}
        for name in REQUIREMENTS
    }
    seen, judgements = {}, []
    for index, scores in records:
        judgements += judge({index: scores}, record=seen.get(index, 0))
        seen[index] = seen.get(index, 0) + 1
    draw.shuffle(judgements)
    made = aggregate(judgements, domains=domains, subdomains={}, requirements=subsets)
    found = {"overall": made.overall, "count": made.records}
    found |= {name: group.mean for name, group in made.domains.items()}
    for name, score in made.requirements.items():
        found |= {f"{name} R": score.r.mean, f"{name} C": score.c.mean}
    assert found == pytest.approx(as_the_script(records, domains, subsets), rel=1e-12)
    assert len(made.doubled) == 6
