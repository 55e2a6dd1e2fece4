"""The whole board, recomputed from its rows."""

from dataclasses import asdict

from arena_write.store import PlanRecord, ScorePlanRecord
from arena_write.verification.anchored import frozen_baselines
from arena_write.verification.answers import Answers
from arena_write.verification.cells import battle_cells, score_cells
from arena_write.verification.lengths import Lengths
from arena_write.verification.longbench import recompute_lengths
from arena_write.verification.material import Material
from arena_write.verification.rubrics import ScoreSections
from arena_write.verification.rules import CONFIDENCE
from arena_write.verification.scales import FrozenScale, JointScale, Scale
from arena_write.verification.sections import BattleSection
from arena_write.verification.spending import recompute_spending
from arena_write.verification.tree import Said, Tree


def recompute(material: Material) -> Tree:
    """Return what `board.json` should say."""
    battles, scores = list(battle_cells(material)), list(score_cells(material))
    answers, lengths = Answers(material), Lengths(material)
    rubric = material.score_plan and ScoreSections(material, material.score_plan, scores, answers)
    plan = material.plan or material.score_plan
    scopes = list_scopes(material)
    return {
        "v": 1,
        "benchmark": plan.benchmark if plan else "",
        "title": material.settings.title,
        "judge": asdict(material.judge),
        "judge_check": Said(True),
        "scale": Said(True),
        "confidence": CONFIDENCE,
        "min_coverage": material.settings.min_coverage,
        "context": material.settings.context,
        "writingbench": material.settings.writingbench,
        "plan": _plan_tree(material.plan),
        "score_plan": _plan_tree(material.score_plan),
        "excluded": list(material.excluded),
        "sections": [
            BattleSection(
                material, material.plan, battles, answers, lengths, _scale(material, material.plan, scope)
            ).recompute(scope, inside)
            for scope, inside in scopes.items()
            if material.plan
        ],
        "rubric": [rubric.recompute(scope, inside) for scope, inside in scopes.items()] if rubric else [],
        "imported": None,
        "lengths": recompute_lengths(material, answers, scores, scopes),
        "score_files": [],
        "spending": recompute_spending(material, answers, battles, scores),
    }


def _plan_tree(plan: PlanRecord | ScorePlanRecord | None) -> Tree | None:
    return None if plan is None else asdict(plan)


def _scale(material: Material, plan: PlanRecord, scope: str) -> Scale:
    if material.anchors is None:
        return JointScale([entry.entrant for entry in plan.entries if entry.role == "baseline"])
    return FrozenScale(frozen_baselines(material.anchors, scope), [entry.entrant for entry in plan.entries])


def list_scopes(material: Material) -> dict[str, set[str]]:
    """Return the text ids of all prompts, and of English and Chinese ones where the board has several languages."""
    languages = {prompt.language for prompt in material.prompts}
    scopes = {"all": {prompt.text_id for prompt in material.prompts}}
    for language in ("en", "zh"):
        if language in languages and len(languages) > 1:
            scopes[language] = {prompt.text_id for prompt in material.prompts if prompt.language == language}
    return scopes
