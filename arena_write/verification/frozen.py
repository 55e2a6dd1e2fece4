"""`anchors.json` held against the battles that it says it was made from, where they are in the folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from arena_write.store import BoardFolder
from arena_write.verification.bounds import ELO_PER_NAT
from arena_write.verification.cells import Cell, battle_cells
from arena_write.verification.comparing import Comparison
from arena_write.verification.lengths import Lengths
from arena_write.verification.material import Material
from arena_write.verification.misfits import Pairings, judge_fit
from arena_write.verification.ratings import rate_together
from arena_write.verification.rules import BASELINE_MEAN, NO_WIDTH
from arena_write.verification.slopes import Slope, fit_level, fit_slope
from arena_write.verification.strengths import Array, NoScaleError, expected, fit_strengths, is_connected
from arena_write.verification.tree import Said, Tree, rounded


def compare_anchors(material: Material, board: BoardFolder, scopes: Mapping[str, set[str]], into: Comparison) -> str:
    """Compare all that was frozen with the battles among the baselines.

    Args:
        material: What the board is made of.
        board: Where it lies.
        scopes: Text ids of the prompts of each scope.
        into: Gets what differs.

    Returns:
        What the frozen ratings rest on, for people; nothing on a board without.
    """
    record = material.anchors
    if record is None:
        return ""
    cells = [cell for cell in battle_cells(replace(material, plan=record.plan)) if cell.score is not None]
    needed = record.scopes["all"].battles if "all" in record.scopes else 0
    if any(cell.state == "judged" for cell in cells) and len(cells) < needed:
        into.differ(("anchors.json", "battles"), needed, len(cells))
        return f"{needed - len(cells)} of the {needed} battles behind the anchors are missing from the folder"
    if len(cells) != needed:
        return f"the anchors were taken as frozen: {len(cells)} of the {needed} battles behind them are in the folder"
    baselines = sorted(entry.entrant for entry in record.plan.entries)
    stored = json.loads(board.anchors_path.read_bytes())
    found = recompute_anchors(cells, baselines, Lengths(material), scopes)
    into.compare(stored["scopes"], found, ("anchors.json",))
    into.compare(stored["missing"], {scope: Said(True) for scope in scopes if scope not in found}, ("anchors.json",))
    return f"the anchors were derived again from the {needed} battles behind them"


def recompute_anchors(
    decided: Sequence[Cell], baselines: Sequence[str], lengths: Lengths, scopes: Mapping[str, set[str]]
) -> dict[str, Tree]:
    """Return what should have been frozen, by scope; those that give no scale are left out.

    Args:
        decided: The decided cells of the baselines' own plan.
        baselines: Their ids, sorted.
        lengths: How long answers are.
        scopes: Text ids of the prompts of each scope.
    """
    found = {}
    for scope, inside in scopes.items():
        try:
            found[scope] = _recompute([cell for cell in decided if cell.prompt in inside], baselines, lengths)
        except NoScaleError:
            continue
    return found


def _recompute(cells: Sequence[Cell], baselines: Sequence[str], lengths: Lengths) -> Tree:
    elo, covariance = rate_together(cells, baselines)
    if np.sqrt(np.maximum(np.diag(covariance), 0.0)).min() < NO_WIDTH:
        raise NoScaleError("every prompt gave the same result")
    slopes = {language: _slope(cells, lengths, language) for language in sorted({*map(lengths.language, cells)})}
    prompts = len({cell.prompt for cell in cells})
    own = [len({cell.prompt for cell in cells if cell.has(name)}) for name in baselines]
    return {
        "names": list(baselines),
        "elo": [rounded(one) for one in elo],
        "covariance": [[rounded(float(one)) for one in line] for line in covariance],
        "elo_at_equal_length": [rounded(one) for one in _level(cells, baselines, lengths, slopes)],
        "slopes": [_slope_tree(cells, lengths, language, slope) for language, slope in slopes.items()],
        "goodness": judge_fit(Pairings.of(cells, list(combinations(baselines, 2))), _explain),
        "prompts": prompts,
        "battles": len(cells),
        **({"own_prompts": own} if min(own) < prompts else {}),
    }


def _slope(cells: Sequence[Cell], lengths: Lengths, language: str) -> Slope | None:
    mine = [cell for cell in cells if lengths.language(cell) == language]
    try:
        return fit_slope(mine, np.array([lengths.lead(cell, cell.first) for cell in mine]))
    except NoScaleError:
        return None


def _slope_tree(cells: Sequence[Cell], lengths: Lengths, language: str, slope: Slope | None) -> Tree:
    mine = [cell for cell in cells if lengths.language(cell) == language]
    return {
        "language": language,
        "gamma": rounded(slope.gamma) if slope else None,
        "se": rounded(slope.error) if slope else None,
        "scale": rounded(slope.scale) if slope else None,
        "prompts": len({cell.prompt for cell in mine}),
        "battles": len(mine),
        "reason": Said(slope is None),
    }


def _level(
    cells: Sequence[Cell], baselines: Sequence[str], lengths: Lengths, slopes: Mapping[str, Slope | None]
) -> list[float]:
    """Return Elo at equal length, the mean at 1000; nothing where a language has no slope."""
    known = {language: slope for language, slope in slopes.items() if slope}
    if len(known) < len(slopes):
        return []
    shift = []
    for cell in cells:
        slope = known[lengths.language(cell)]
        shift.append(slope.gamma * lengths.lead(cell, cell.first) / slope.scale)
    theta = fit_level(baselines, cells, np.array(shift))
    return [BASELINE_MEAN + ELO_PER_NAT * float(one) for one in theta - theta.mean()]


def _explain(pairings: Pairings) -> tuple[Array, Array]:
    """Fit the baselines that met; the strength of the first is held."""
    names = sorted({name for pair in pairings.pairs for name in pair})
    first, second = (np.array([names.index(pair[side]) for pair in pairings.pairs]) for side in (0, 1))
    got, battles = pairings.got.sum(axis=0), pairings.battles.sum(axis=0)
    wins = np.zeros((len(names), len(names)))
    wins[first, second], wins[second, first] = got, battles - got
    if not is_connected(wins):
        raise NoScaleError("no finite strengths exist")
    sides = np.eye(len(names))[first] - np.eye(len(names))[second]
    return expected(fit_strengths(wins))[first, second], sides[:, 1:]
