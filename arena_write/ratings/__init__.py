"""From judged battles to ratings: Bradley-Terry strengths on the Elo scale, and how sure we are of them.

The story, in the order of the modules::

    columns       Comparisons: who met whom on which prompt, and the score of the first. Checked once (checks), put
                  in order (ordering), or read from a table of names (frames).
    pairs         Sums by pair, and by prompt and pair: what everything below works on.
    connectivity  Does a finite rating exist? Results must lead both ways between any two groups.
    bradley_terry fit: half-win Bradley-Terry, by Newton's method on sums per pair; entrants can be frozen.
    intervals     Covariance by prompt (CR1, or a jackknife under 30 prompts), because battles on one prompt are not
                  independent; the naive ones beside it, to say what they would have claimed.
    refits        The same battles with each prompt taken so many times: all refits solved together.
    resampling    Ratings on prompts drawn anew, for statistics that have no formula.
    elo           R = 1000 + 400/ln 10 x (theta - mean theta of the baselines), and its covariance.
    ranks         Ranges of ranks that hold for everybody at once (max-t).
    core, bounds  Who won or lost everything gets a one-sided bound, who hangs on one prompt none: never infinity,
                  never an invented battle.
    rate          All of it in one call; the same facts give the same bytes.
    win_rates     The plain table of who beats whom how often.

Rubric scores have a shorter one::

    scores        Scores: an answer's score on a criterion of a query. Checked once.
    rubric        rate_scores: mean scores, with intervals by query.
    components    Where scores vary, and how reliable means are.
    score_differences
                  Two entrants on the queries they share.

Anchors keep published numbers where they are::

    anchoring     make_anchors, rate_against, release: baselines frozen as offsets, with their own uncertainty.
    goodness      Are results transitive? Residuals of each pairing, and one test.

Beside the board::

    contrasts     Every difference; one language against another.
    flips         How few prompts carry the lead.
    bootstrap     Intervals by drawing prompts again, on refits.
    rejudged      The error of new prompts and that of the same texts judged again.

And about the judge::

    agreement     Do judges agree: Krippendorff's alpha by evalica, with an interval by prompt.
    covariates    fit_covariates: what else moves verdicts, such as the slot or the length.
    diagnostics   diagnose: consistency, the pull of the first slot, how verdicts correlate.
    length        Slopes by language from the baselines' battles, and ratings at equal length.
    aggregation   What other ways to count the two orders would give, for comparison only.

>>> from arena_write.ratings import Comparisons, rate
>>> battles = Comparisons(
...     names=("base", "cand"),
...     first=[0, 1, 0, 1, 0, 1],
...     second=[1, 0, 1, 0, 1, 0],
...     score=[0, 1, 1, 0.5, 0, 1],
...     cluster=[0, 0, 1, 1, 2, 2],
... )
>>> row = rate(battles, baselines=["base"]).entrant("cand")
>>> f"{row.elo:.0f} [{row.low:.0f}, {row.high:.0f}] by {row.df + 1} prompts"
'1191 [232, 2150] by 3 prompts'

Nothing here reads or writes files or knows a prompt's text.
"""

from arena_write.ratings.aggregation import Aggregation, compare_aggregations
from arena_write.ratings.agreement import Agreement, agreement
from arena_write.ratings.anchored import AnchoredBoard, rate_on_anchors
from arena_write.ratings.anchoring import AnchoredRating, Anchors, Release, make_anchors, rate_against, release
from arena_write.ratings.bootstrap import BootstrapInterval, bootstrap_intervals
from arena_write.ratings.bradley_terry import Fit, fit
from arena_write.ratings.columns import Comparisons
from arena_write.ratings.components import VarianceComponents, reliability, variance_components
from arena_write.ratings.connectivity import require_connected, strong_components
from arena_write.ratings.contrasts import (
    DifferenceMatrix,
    LanguageContrast,
    LanguageDifference,
    compare_languages,
    difference_matrix,
)
from arena_write.ratings.covariates import CovariateFit, fit_covariates
from arena_write.ratings.diagnostics import JudgeDiagnostics, SlotCovariate, diagnose, slot_covariate
from arena_write.ratings.elo import elo_gap, expected_score
from arena_write.ratings.errors import (
    ColumnError,
    ConvergenceError,
    NotConnectedError,
    RatingError,
    TooFewPromptsError,
)
from arena_write.ratings.flips import Flip, fewest_prompts_to_flip
from arena_write.ratings.goodness import GoodnessOfFit, Residual, goodness_of_fit
from arena_write.ratings.intervals import (
    ClusterCovariance,
    cluster_covariance,
    cr1_covariance,
    fisher_covariance,
    hc0_covariance,
    jackknife_covariance,
)
from arena_write.ratings.length import (
    LengthAdjusted,
    LengthSlope,
    adjust_for_length,
    fit_length_slopes,
    length_difference,
)
from arena_write.ratings.means import ClusterMean, cluster_mean
from arena_write.ratings.ranks import RankRanges, rank_ranges
from arena_write.ratings.rate import rate
from arena_write.ratings.rejudged import Estimand, TwoErrors, both_errors
from arena_write.ratings.resampling import prompt_resamples
from arena_write.ratings.results import Difference, EntrantRating, Ratings
from arena_write.ratings.rubric import EntrantScores, RubricRatings, rate_scores
from arena_write.ratings.score_differences import ScoreDifference, detectable_effect, score_difference, sign_flip_p
from arena_write.ratings.scores import TEN, Scores, ScoreScale
from arena_write.ratings.win_rates import WinRates, win_rates

__all__ = [
    "TEN",
    "Aggregation",
    "Agreement",
    "AnchoredBoard",
    "AnchoredRating",
    "Anchors",
    "BootstrapInterval",
    "ClusterCovariance",
    "ClusterMean",
    "ColumnError",
    "Comparisons",
    "ConvergenceError",
    "CovariateFit",
    "Difference",
    "DifferenceMatrix",
    "EntrantRating",
    "EntrantScores",
    "Estimand",
    "Fit",
    "Flip",
    "GoodnessOfFit",
    "JudgeDiagnostics",
    "LanguageContrast",
    "LanguageDifference",
    "LengthAdjusted",
    "LengthSlope",
    "NotConnectedError",
    "RankRanges",
    "RatingError",
    "Ratings",
    "Release",
    "Residual",
    "RubricRatings",
    "ScoreDifference",
    "ScoreScale",
    "Scores",
    "SlotCovariate",
    "TooFewPromptsError",
    "TwoErrors",
    "VarianceComponents",
    "WinRates",
    "adjust_for_length",
    "agreement",
    "bootstrap_intervals",
    "both_errors",
    "cluster_covariance",
    "cluster_mean",
    "compare_aggregations",
    "compare_languages",
    "cr1_covariance",
    "detectable_effect",
    "diagnose",
    "difference_matrix",
    "elo_gap",
    "expected_score",
    "fewest_prompts_to_flip",
    "fisher_covariance",
    "fit",
    "fit_covariates",
    "fit_length_slopes",
    "goodness_of_fit",
    "hc0_covariance",
    "jackknife_covariance",
    "length_difference",
    "make_anchors",
    "prompt_resamples",
    "rank_ranges",
    "rate",
    "rate_against",
    "rate_on_anchors",
    "rate_scores",
    "release",
    "reliability",
    "require_connected",
    "score_difference",
    "sign_flip_p",
    "slot_covariate",
    "strong_components",
    "variance_components",
    "win_rates",
]
