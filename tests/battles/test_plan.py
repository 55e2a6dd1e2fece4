"""A plan says exactly which comparisons a board consists of."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_write.battles.plan import Cell, Entry, Plan, PlanError
from judges import content_id

PROMPTS = [f"{n:064x}" for n in range(123)]
BASELINES = tuple(Entry(letter * 32, "baseline") for letter in "abc")
CANDIDATE = Entry("d" * 32, "candidate")
OTHER = Entry("e" * 32, "candidate")


def plan(*candidates, **options):
    return Plan("b@1", (*BASELINES, *candidates), **options)


def test_golden_ids():
    # Rows name the plan that made them.
    entries = (Entry("5" * 32, "candidate", 2, ("2" * 64, "1" * 64)), Entry("4" * 32, "baseline"))
    assert Plan("arena-write@1", entries, "one", 2, 7).id == "8f4477fa3311e3c40e0f26062aba23e6"
    entries = (Entry("5" * 32, "candidate"), Entry("4" * 32, "baseline"))
    assert Plan("arena-write@1", entries).id == "b99267d309fc92990d57e1ea333d9d3c"


def test_the_id_is_the_hash_of_what_the_plan_says():
    entries = [["4" * 32, "baseline", 1, None], ["5" * 32, "candidate", 2, ["1" * 64, "2" * 64]]]
    found = Plan(
        "b@1", (Entry("5" * 32, "candidate", 2, ("2" * 64, "1" * 64)), Entry("4" * 32, "baseline")), "one", 3, 7
    )
    assert found.id == content_id("plan", "b@1", entries, "one", 3, 7)


def test_every_candidate_meets_every_baseline_and_baselines_meet_each_other():
    cells = list(plan(CANDIDATE).cells(PROMPTS))
    assert len(cells) == len(set(cells)) == 738 + 738
    pairs = [("a", "b"), ("a", "c"), ("b", "c"), ("d", "a"), ("d", "b"), ("d", "c")]
    expected = {
        Cell(prompt, one * 32, 0, other * 32, 0, 0)
        for prompt, pair in product(PROMPTS, pairs)
        for one, other in (pair, pair[::-1])
    }
    assert set(cells) == expected
    assert sum("d" * 32 in (cell.first, cell.second) for cell in cells) == 738


def test_candidates_do_not_meet():
    cells = list(plan(CANDIDATE, OTHER).cells(PROMPTS[:1]))
    assert len(cells) == 6 + 6 + 6
    assert not [cell for cell in cells if {cell.first, cell.second} == {"d" * 32, "e" * 32}]


def test_without_baselines_there_is_nothing_to_compare():
    assert list(Plan("b@1", (CANDIDATE, OTHER)).cells(PROMPTS)) == []
    assert list(plan(CANDIDATE).cells([])) == []


def test_both_orders_of_a_pair_stand_together_and_prompts_come_in_order():
    cells = list(plan(CANDIDATE).cells(PROMPTS))
    for there, back in zip(cells[::2], cells[1::2], strict=True):
        assert (there.first, there.second, there.prompt) == (back.second, back.first, back.prompt)
    assert [cell.prompt for cell in cells[::12]] == PROMPTS


def test_one_order_judges_each_pair_once_with_the_same_first_every_time():
    both = Counter(frozenset({(c.first), c.second, c.prompt}) for c in plan(CANDIDATE).cells(PROMPTS))
    one = list(plan(CANDIDATE, orders="one").cells(PROMPTS))
    assert Counter(frozenset({c.first, c.second, c.prompt}) for c in one) == dict.fromkeys(both, 1)
    assert set(one) <= set(plan(CANDIDATE).cells(PROMPTS))
    assert one == list(plan(CANDIDATE, orders="one").cells(PROMPTS))
    shuffled = list(plan(OTHER, CANDIDATE, orders="one").cells(PROMPTS[::-1]))
    assert set(one) <= set(shuffled)


def test_the_draw_of_the_order_is_for_good():
    # The draw decides which battles a board has; rows already paid for depend on it.
    cells = [list(cell) for cell in plan(CANDIDATE, orders="one", seed=7).cells(PROMPTS)]
    assert content_id(cells) == "c01a1f096b0a4e6840f20c42d6a2c464"


@pytest.mark.parametrize("seed", range(5))
def test_one_order_is_balanced(seed):
    cells = list(plan(CANDIDATE, orders="one", seed=seed).cells(PROMPTS))
    for baseline in "abc":
        met = [cell for cell in cells if {cell.first, cell.second} == {"d" * 32, baseline * 32}]
        assert len(met) == 123
        assert 40 <= sum(cell.first == "d" * 32 for cell in met) <= 83  # 4 standard errors


def test_another_seed_draws_otherwise():
    draws = {tuple(plan(CANDIDATE, orders="one", seed=seed).cells(PROMPTS)) for seed in range(4)}
    assert len(draws) == 4


def test_every_answer_of_a_candidate_meets_the_baselines_first():
    entries = (BASELINES[0], BASELINES[1], Entry(CANDIDATE.entrant, "candidate", samples=3))
    cells = list(Plan("b@1", entries).cells(PROMPTS[:1]))
    with_candidate = {(c.first, c.first_sample, c.second, c.second_sample) for c in cells if CANDIDATE.entrant in c}
    assert len(with_candidate) == 2 * 3 * 2
    for first, first_sample, second, second_sample in with_candidate:
        assert {(first, first_sample), (second, second_sample)} & {(base.entrant, 0) for base in BASELINES}
    fewer = Plan("b@1", (BASELINES[0], BASELINES[1], CANDIDATE)).cells(PROMPTS[:1])
    assert set(fewer) <= set(cells)


def test_a_baseline_is_compared_by_its_first_answer_alone():
    with pytest.raises(PlanError, match="first answer alone"):
        Entry("a" * 32, "baseline", samples=2)


def test_the_seed_means_nothing_where_both_orders_are_judged():
    assert plan(CANDIDATE, seed=1) == plan(CANDIDATE)
    assert plan(CANDIDATE, seed=1, orders="one") != plan(CANDIDATE, orders="one")


def test_each_repeat_is_a_cell():
    cells = list(plan(CANDIDATE, repeats=3).cells(PROMPTS[:2]))
    assert len(cells) == 2 * 12 * 3
    assert Counter(cell.repeat for cell in cells) == {0: 24, 1: 24, 2: 24}


def test_a_pair_meets_on_the_prompts_of_both():
    some = Entry("a" * 32, "baseline", prompts=tuple(PROMPTS[:3]))
    few = Entry("d" * 32, "candidate", prompts=tuple(PROMPTS[2:5]))
    foreign = Entry("e" * 32, "candidate", prompts=("f" * 64,))
    cells = list(Plan("b@1", (some, BASELINES[1], few, foreign)).cells(PROMPTS))
    met = Counter((frozenset({cell.first[0], cell.second[0]}), PROMPTS.index(cell.prompt)) for cell in cells)
    ab, ad, bd = (frozenset(pair) for pair in ("ab", "ad", "bd"))
    assert met == dict.fromkeys([(ab, 0), (ab, 1), (ab, 2), (ad, 2), (bd, 2), (bd, 3), (bd, 4)], 2)


def test_the_order_of_what_is_given_does_not_matter():
    one = Plan("b@1", (Entry("a" * 32, "baseline", prompts=("2", "1", "2")), CANDIDATE))
    other = Plan("b@1", (CANDIDATE, Entry("a" * 32, "baseline", prompts=("1", "2"))))
    assert one == other
    assert one.id == other.id
    assert one.baselines == ("a" * 32,)
    assert one.candidates == ("d" * 32,)


def test_all_prompts_and_every_prompt_by_name_are_two_plans():
    by_name = Entry("d" * 32, "candidate", prompts=tuple(PROMPTS))
    assert plan(CANDIDATE).id != plan(by_name).id
    assert list(plan(CANDIDATE).cells(PROMPTS)) == list(plan(by_name).cells(PROMPTS))


def test_everything_that_is_planned_is_in_the_id():
    changed = [
        plan(CANDIDATE),
        plan(OTHER),
        plan(CANDIDATE, OTHER),
        plan(CANDIDATE, orders="one"),
        plan(CANDIDATE, repeats=2),
        plan(CANDIDATE, orders="one", seed=1),
        plan(Entry("d" * 32, "candidate", samples=2)),
        plan(Entry("d" * 32, "candidate", prompts=("1",))),
        plan(Entry("d" * 32, "candidate", prompts=())),
        plan(Entry("d" * 32, "baseline")),
        Plan("b@2", (*BASELINES, CANDIDATE)),
    ]
    assert len({found.id for found in changed}) == len(changed)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: plan(CANDIDATE, CANDIDATE), "twice"),
        (lambda: plan(Entry("a" * 32, "candidate")), "twice"),
        (lambda: plan(CANDIDATE, repeats=0), "at least once"),
        (lambda: Entry("a" * 32, "baseline", samples=0), "at least 1"),
        (lambda: Entry("a" * 32, "baseline", samples=-1), "at least 1"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(make, what):
    with pytest.raises(PlanError, match=what):
        make()


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (Plan("b@2", (*BASELINES, CANDIDATE)), "benchmark b@1, this run b@2"),
        (plan(CANDIDATE, orders="one"), "orders both, this run one"),
        (plan(CANDIDATE, repeats=2), "repeats 1, this run 2"),
        (Plan("b@1", (*BASELINES[:2], CANDIDATE)), "baselines"),
        (Plan("b@1", (*BASELINES, Entry("d" * 32, "baseline"))), "baselines"),
        (plan(CANDIDATE, orders="one", seed=1), "orders"),
    ],
)
def test_plans_that_share_no_board_are_refused(other, what):
    for one, two in ((plan(CANDIDATE), other), (other, plan(CANDIDATE))):
        with pytest.raises(PlanError, match=what if one == plan(CANDIDATE) else "board has"):
            one.merge(two)


def test_two_seeds_of_one_order_share_no_board():
    with pytest.raises(PlanError, match="seed 0, this run 1"):
        plan(CANDIDATE, orders="one").merge(plan(CANDIDATE, orders="one", seed=1))


def test_an_entry_has_one_role():
    with pytest.raises(PlanError, match="is a baseline on this board and cannot be a candidate"):
        Entry("a" * 32, "baseline").merge(Entry("a" * 32, "candidate"))


SELECTION = st.none() | st.lists(st.sampled_from(PROMPTS[:5]), max_size=5).map(tuple)


@st.composite
def plans(draw):
    """Plans of one board: the same baselines, each with one answer a prompt."""
    baselines = [Entry(letter * 32, "baseline", prompts=draw(SELECTION)) for letter in "ab"]
    letters = draw(st.sets(st.sampled_from("cde")))
    candidates = [Entry(c * 32, "candidate", draw(st.integers(1, 3)), draw(SELECTION)) for c in letters]
    return Plan("b@1", tuple(draw(st.permutations([*baselines, *candidates]))))


@given(one=plans(), other=plans(), third=plans())
def test_merging_is_idempotent_commutative_and_associative(one, other, third):
    assert one.merge(one) == one
    assert one.merge(other) == other.merge(one)
    assert one.merge(other).merge(third) == one.merge(other.merge(third))
    assert one.merge(other).merge(one) == one.merge(other)
    assert one.merge(other).id == other.merge(one).id


@given(one=plans(), other=plans())
def test_a_merge_only_grows(one, other):
    prompts = PROMPTS[:5]
    merged = set(one.merge(other).cells(prompts))
    assert merged >= set(one.cells(prompts)) | set(other.cells(prompts))


@given(one=plans())
def test_no_cell_is_planned_twice_and_orders_mirror_each_other(one):
    cells = list(one.cells(PROMPTS[:5]))
    assert len(set(cells)) == len(cells)
    assert {Cell(c.prompt, c.second, c.second_sample, c.first, c.first_sample, c.repeat) for c in cells} == set(cells)
