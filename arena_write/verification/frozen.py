"""`anchors.json` held against the battles that it says it was made from, where they are in the folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from arena_write.store import BoardFolder
from arena_write.verification.cells import Cell, battle_cells
from arena_write.verification.comparing import Comparison
from arena_write.verification.material import Material
from arena_write.verification.ratings import rate_together
from arena_write.verification.strengths import NoScaleError
from arena_write.verification.tree import Tree, rounded


def compare_anchors(material: Material, board: BoardFolder, scopes: Mapping[str, set[str]], into: Comparison) -> str:
    """Compare frozen ratings, their covariance and their results with the battles among the baselines.

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
    if not cells or len(cells) != needed:
        return f"the anchors were taken as frozen: {len(cells)} of the {needed} battles behind them are in the folder"
    baselines = sorted(entry.entrant for entry in record.plan.entries)
    stored = json.loads(board.anchors_path.read_bytes())["scopes"]
    expected = {scope: _recompute(cells, baselines, inside) for scope, inside in scopes.items()}
    for scope, tree in expected.items():
        into.compare(_shown(stored.get(scope)), tree, ("anchors.json", scope))
    return f"the anchors were derived again from the {needed} battles behind them"


def _shown(stored: Tree | None) -> Tree | None:
    """Return of frozen ratings what is recomputed."""
    if stored is None:
        return None
    met = [{name: pair[name] for name in ("first", "second", "observed", "battles")} for pair in _residuals(stored)]
    return {name: stored[name] for name in ("names", "elo", "covariance", "prompts", "battles")} | {"met": met}


def _residuals(stored: Tree) -> list[Tree]:
    return sorted(stored["goodness"]["residuals"], key=lambda pair: (pair["first"], pair["second"]))


def _recompute(decided: Sequence[Cell], baselines: Sequence[str], inside: set[str]) -> Tree | None:
    """Return what was frozen on these prompts; nothing where they give no scale."""
    cells = [cell for cell in decided if cell.prompt in inside]
    try:
        elo, covariance = rate_together(cells, baselines)
    except NoScaleError:
        return None
    met = []
    for one, other in combinations(baselines, 2):
        got = [cell.of(one) or 0.0 for cell in cells if cell.has(one) and cell.has(other)]
        if got:
            met.append({"first": one, "second": other, "observed": rounded(float(np.mean(got))), "battles": len(got)})
    return {
        "names": list(baselines),
        "elo": [rounded(one) for one in elo],
        "covariance": [[rounded(float(one)) for one in line] for line in covariance],
        "prompts": len({cell.prompt for cell in cells}),
        "battles": len(cells),
        "met": met,
    }
