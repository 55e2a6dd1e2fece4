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

from arena_write.ratings.bradley_terry import Fit, fit
from arena_write.ratings.columns import Comparisons
from arena_write.ratings.connectivity import require_connected, strong_components
from arena_write.ratings.elo import elo_gap, expected_score
from arena_write.ratings.errors import (
    ColumnError,
    ConvergenceError,
    NotConnectedError,
    RatingError,
    TooFewPromptsError,
)
from arena_write.ratings.intervals import (
    ClusterCovariance,
    cluster_covariance,
    cr1_covariance,
    fisher_covariance,
    hc0_covariance,
    jackknife_covariance,
)
from arena_write.ratings.ranks import RankRanges, rank_ranges
from arena_write.ratings.rate import rate
from arena_write.ratings.resampling import prompt_resamples
from arena_write.ratings.results import Difference, EntrantRating, Ratings
from arena_write.ratings.win_rates import WinRates, win_rates

__all__ = [
    "ClusterCovariance",
    "ColumnError",
    "Comparisons",
    "ConvergenceError",
    "Difference",
    "EntrantRating",
    "Fit",
    "NotConnectedError",
    "RankRanges",
    "RatingError",
    "Ratings",
    "TooFewPromptsError",
    "WinRates",
    "cluster_covariance",
    "cr1_covariance",
    "elo_gap",
    "expected_score",
    "fisher_covariance",
    "fit",
    "hc0_covariance",
    "jackknife_covariance",
    "prompt_resamples",
    "rank_ranges",
    "rate",
    "require_connected",
    "strong_components",
    "win_rates",
]
