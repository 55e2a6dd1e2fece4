"""A second opinion on a board: every number of `board.json`, recomputed from the rows by other code than made it.

The story, in the order of the modules::

    rules        The rules of a board, restated.
    plans        The plan, joined from its rows; the cells that it asks for.
    material     Rows, read strictly: answers, verdicts, scores, settings.
    cells        What became of each cell.
    strengths    Bradley-Terry by choix.
    cores        Who can be rated together.
    spreads      Covariance by prompt, design effects.
    bounds       One-sided bounds.
    ranks        Rank ranges, and how far chance moves them.
    ratings      All of that in one call.
    habits       What battles in both orders say of the judge.
    own          One candidate's battles with frozen baselines.
    misfits      Whether strengths explain results.
    lengths      By how much texts are longer.
    slopes       How length moves a judge.
    anchored     Candidates against frozen baselines.
    levels       Candidates at equal length.
    scales       A joint fit, or frozen baselines.
    sections     Ratings over one set of prompts, as the board shows them.
    rubrics      Mean scores, likewise.
    answers      What answers are like.
    spending     What the rows took.
    recompute    The whole board, as a tree.
    frozen       The frozen baselines against their own battles.
    imported     The board of battles that were judged elsewhere.
    imported_scores  The board of scores that were given elsewhere.
    comparing    The stored board against the tree.
    check        `verify_board`.

Nothing here uses `arena_write.ratings`, nor the code that joins and builds a board (a test sees to it): a fault there
would be repeated. It is plain rather than fast; loops are welcome.
"""

from arena_write.verification.check import Verification, compare_words, explain, is_of_form, verify_board
from arena_write.verification.comparing import Difference

__all__ = ["Difference", "Verification", "compare_words", "explain", "is_of_form", "verify_board"]
