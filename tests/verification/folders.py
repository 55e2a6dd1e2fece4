"""Results folders made up from a seed: every way in which a cell can stand, without any process or judge."""

import random
from dataclasses import dataclass, field, replace
from itertools import count

from writing import write_text

from arena_write.battles.outcomes import join
from arena_write.battles.plan import Entry, Plan
from arena_write.benchmarks.prompts import Prompt
from arena_write.evaluation.ranking import store_board
from arena_write.reports.anchors import AnchorSource, freeze
from arena_write.reports.labels import label_entrants
from arena_write.scores import ScorePlan, join_scores
from arena_write.store import (
    BattleRecord,
    ExclusionRecord,
    OutputRecord,
    ResultsFolder,
    ScoreRecord,
    SettingsRecord,
    read_battles,
    read_scores,
)
from arena_write.store.keys import battle_key, output_key, score_key
from arena_write.textstats.requests import LengthRequest
from arena_write.verification import verify_board
from judges import Criterion, InvalidReason, JudgeSpec, Usage, Verdict, content_id, text_id

SPEC = JudgeSpec("judge", "m", "t", {"temperature": 0.5, "max_tokens": 4096})
_LABELS = {1: "A>B", 0.5: "A=B", 0: "B>A"}


@dataclass(frozen=True)
class Design:
    """What a folder is like; shares are chances.

    Args:
        baselines: How many baselines.
        candidates: How many candidates.
        prompts: How many prompts, every third one Chinese.
        criteria: Criteria a prompt; no rubric where 0.
        samples: Answers a prompt of the first candidate.
        few: The last candidate is planned on so many prompts only.
        failing: Share of an entrant's answers without a text.
        truncated: Share of answers cut by the token limit.
        unanswered: Share of a candidate's answers that are not there.
        copied: Share of a candidate's answers that are a baseline's.
        invalid: Share of attempts without a valid answer.
        unasked: Share of questions that nobody asked.
        ties: Share of ties.
        spread: How far apart entrants are, in natural-log units.
        steady: What a candidate gets in every battle (1, 0.5 or 0), by number.
        unread: Prompts whose texts do not fit into the judge's context.
        anchored: Whether the baselines meet first and are frozen.
        uneven: By how many words answers differ in length at most.
        longer: By how many words those of candidates are longer.
        required: Whether most prompts require a length, as those of LongBench-Write do.
        circles: Whether each candidate wins against every second baseline alone, at all strengths.
        fields: Whether prompts have domains, subdomains and requirements.
    """

    baselines: int = 3
    candidates: int = 2
    prompts: int = 9
    criteria: int = 2
    samples: int = 1
    few: int | None = None
    failing: float = 0.0
    truncated: float = 0.0
    unanswered: float = 0.0
    copied: float = 0.0
    invalid: float = 0.0
    unasked: float = 0.0
    ties: float = 0.2
    spread: float = 1.0
    steady: dict = field(default_factory=dict)
    unread: int = 0
    anchored: bool = False
    uneven: int = 0
    longer: int = 0
    required: bool = False
    circles: bool = False
    fields: bool = False
    orders: str = "both"
    repeats: int = 1
    min_coverage: float = 0.95
    context: int | None = None
    priced: bool = True


class Maker:
    """Writes one folder."""

    def __init__(self, path, design, seed=0):
        self.design, self.draw = design, random.Random(seed)
        self.benchmark = ResultsFolder(path).benchmark("made@1")
        self.board = self.benchmark.board(SPEC)
        self.clock = count()
        self.made = None
        self.prompts = tuple(self._prompt(number) for number in range(design.prompts))
        self.baselines = [content_id("baseline", seed, number) for number in range(design.baselines)]
        self.candidates = [content_id("candidate", seed, number) for number in range(design.candidates)]
        self.strength = {entrant: self.draw.gauss(0, design.spread) for entrant in (*self.baselines, *self.candidates)}

    def make(self):
        """Write rows, then the board."""
        self.benchmark.keep_prompts(self.prompts)
        self.board.keep_judge(SPEC)
        self._keep_outputs()
        self._keep_exclusions()
        entries, anchors = self._entries(), None
        if self.design.anchored:
            anchors = self._freeze(tuple(entry for entry in entries if entry.role == "baseline"))
        plan = self._plan(entries, anchors)
        with self.board.plans.append() as rows:
            rows.write(plan.record())
        self._keep_battles(plan)
        if self.design.criteria:
            self._keep_scores()
        settings = SettingsRecord(title="made up", context=self.design.context, min_coverage=self.design.min_coverage)
        self.made = store_board(self.benchmark, self.board, settings)

    def verify(self):
        return verify_board(self.benchmark, self.board)

    def at(self):
        return f"2026-01-02T03:04:{next(self.clock) // 1_000_000 % 60:02}.{next(self.clock) % 1_000_000:06}+00:00"

    def _prompt(self, number):
        language = "zh" if number % 3 == 2 else "en"
        length = LengthRequest(40, 80, "chars" if language == "zh" else "words", "range", "field")
        return Prompt(
            id=f"p{number}",
            text=f"写第{number}篇" if language == "zh" else f"Write text {number}.",
            language=language,
            length=length if number % 2 else None,
            criteria=tuple(
                Criterion(f"c{one}", f"what {one} is", ("a", "b", "c", "d", "e")) for one in range(self.design.criteria)
            ),
            required_length=(None, 60, 45, 700, 120, 2500)[number % 6] if self.design.required else None,
            **(self._fields(number) if self.design.fields else {}),
        )

    def _fields(self, number):
        """Two domains of WritingBench and one of another set, or none; two requirements, and a third that is new."""
        domains = ("Education", "Aeronautics", "Academic & Engineering", None)
        names = [f"c{one}" for one in range(self.design.criteria)]
        requirements = {"length": names[:1]} if number % 2 else {}
        if number % 5 == 0:
            requirements |= {"citations": [], "style": names[-2:]}
        return {
            "domain": domains[number % 4],
            "subdomain": f"s{number % 3}" if number % 4 < 3 else None,
            "requirements": {name: tuple(tested) for name, tested in requirements.items()},
        }

    def _entries(self):
        design = self.design
        entries = [Entry(entrant, "baseline") for entrant in self.baselines]
        for number, entrant in enumerate(self.candidates):
            last = number == design.candidates - 1
            few = tuple(prompt.text_id for prompt in self.prompts[: design.few]) if last and design.few else None
            entries.append(Entry(entrant, "candidate", samples=1 if number else design.samples, prompts=few))
        return tuple(entries)

    def _keep_outputs(self):
        for number, entrant in enumerate((*self.baselines, *self.candidates)):
            is_candidate = entrant in self.candidates
            file = self.benchmark.outputs_file(name=f"e{number}", entrant=entrant)
            with file.append() as rows:
                for prompt in self.prompts:
                    for sample in range(self.design.samples if entrant == self.candidates[0] else 1):
                        if is_candidate and self.draw.random() < self.design.unanswered:
                            continue
                        rows.write(self._output(f"e{number}", entrant, prompt, sample))

    def _output(self, name, entrant, prompt, sample):
        design, draw = self.design, self.draw
        writer = entrant
        if entrant in self.candidates and draw.random() < design.copied:
            writer = self.baselines[0]
        number = 0 if writer != entrant else sample
        words = 60 + (int(content_id("words", writer, prompt.id, number)[:4], 16) % (design.uneven + 1))
        words += self.design.longer if writer in self.candidates else 0
        text = write_text((writer, prompt.id, number), words=words, language=prompt.language)
        failure = "no_answer" if draw.random() < design.failing else None
        text = "" if failure else text
        generated = entrant in self.candidates
        return OutputRecord(
            key=output_key(prompt=prompt.text_id, entrant=entrant, sample=sample),
            prompt=prompt.text_id,
            prompt_id=prompt.id,
            entrant=entrant,
            entrant_name=name,
            model="m",
            profile="0" * 32,
            settings={},
            sample=sample,
            text=text,
            text_id=text_id(text),
            thinking=None,
            failure=failure,
            finish_reason="length" if draw.random() < design.truncated else "stop",
            served_model=None,
            usage=self._usage() if generated else Usage(),
            seed=None,
            backend="made",
            origin="generated" if generated else "recorded",
            source=None,
            seconds=None,
            price=round(draw.random() / 100, 6) if generated and design.priced else None,
            plan="p",
            run="r",
            at=self.at(),
        )

    def _usage(self):
        return Usage(*(self.draw.randint(10, 900) for _ in range(4)))

    def _keep_exclusions(self):
        with self.board.exclusions.append() as rows:
            for number, prompt in enumerate(self.prompts[len(self.prompts) - self.design.unread :]):
                for context in (1_000, 4_000) if number % 2 else (None,):
                    rows.write(
                        ExclusionRecord(
                            judge=SPEC.id,
                            prompt=prompt.text_id,
                            tokens=2_000,
                            context=context,
                            detail="too long",
                            plan="p",
                            run="r",
                            at=self.at(),
                        )
                    )

    def _plan(self, entries, anchors=None):
        design = self.design
        return Plan(self.benchmark.id, entries, orders=design.orders, repeats=design.repeats, seed=3, anchors=anchors)

    def _freeze(self, baselines):
        """Let the baselines meet, freeze them, and return the id of that."""
        plan = self._plan(baselines)
        self._keep_battles(plan)
        outputs = tuple(self.benchmark.outputs())
        gone = self.board.excluded(context=self.design.context)
        prompts = [prompt for prompt in self.prompts if prompt.text_id not in gone]
        record = freeze(self.board, AnchorSource(plan, prompts, outputs, label_entrants(outputs), 0.5))
        self.board.keep_anchors(record)
        return record.id

    def _keep_battles(self, plan):
        outputs = list(self.benchmark.outputs())
        whose = {(row.prompt, row.text_id): row.entrant for row in reversed(outputs)}
        outcomes = join(
            plan,
            prompts=[prompt.text_id for prompt in self.prompts],
            outputs=outputs,
            battles=read_battles(self.board.battles, judge=SPEC.id),
        )
        with self.board.battles.append() as rows:
            for question in outcomes.questions():
                one, other = (whose[question.prompt, text] for text in (question.first, question.second))
                names = {
                    "prompt": question.prompt,
                    "first": question.first,
                    "second": question.second,
                    "repeat": question.repeat,
                }
                for attempt, common in self._attempts():
                    rows.write(
                        BattleRecord(
                            key=battle_key(judge=SPEC.id, **names),
                            **names,
                            attempt=attempt,
                            verdict=None if common["invalid"] else self._verdict(one, other),
                            **common,
                        )
                    )

    def _keep_scores(self):
        plan = ScorePlan(self.benchmark.id, self._entries(), repeats=self.design.repeats)
        with self.board.score_plans.append() as rows:
            rows.write(plan.record())
        outputs = list(self.benchmark.outputs())
        whose = {(row.prompt, row.text_id): row.entrant for row in reversed(outputs)}
        scores = read_scores(self.board.scores, judge=SPEC.id)
        outcomes = join_scores(plan, prompts=self.prompts, outputs=outputs, scores=scores)
        with self.board.scores.append() as rows:
            for question in outcomes.questions():
                level = 6 + self.strength[whose[question.prompt, question.text]]
                names = {
                    "prompt": question.prompt,
                    "text": question.text,
                    "criterion": question.criterion.id,
                    "repeat": question.repeat,
                }
                for attempt, common in self._attempts():
                    said = min(10, max(1, round(self.draw.gauss(level, 2))))
                    rows.write(
                        ScoreRecord(
                            key=score_key(judge=SPEC.id, **names),
                            **names,
                            criterion_name=question.criterion.name,
                            attempt=attempt,
                            score=None if common["invalid"] else said,
                            reason="",
                            **common,
                        )
                    )

    def _attempts(self):
        """Yield the attempts at one question, and what their rows have in common: none, or up to a valid one."""
        if self.draw.random() < self.design.unasked:
            return
        for attempt in (1, 2, 3):
            invalid = self.draw.random() < self.design.invalid
            yield (
                attempt,
                {
                    "judge": SPEC.id,
                    "invalid": InvalidReason("no_label") if invalid else None,
                    "detail": "",
                    "reply": None,
                    "served_model": "m",
                    "usage": self._usage(),
                    "seconds": 0.5,
                    "price": round(self.draw.random() / 100, 6) if self.design.priced else None,
                    "plan": "p",
                    "run": "r",
                    "at": self.at(),
                },
            )
            if not invalid:
                return

    def _verdict(self, one, other):
        for number, gets in self.design.steady.items():
            if self.candidates[number] in (one, other):
                return Verdict(_LABELS[gets if self.candidates[number] == one else 1 - gets])
        if self.draw.random() < self.design.ties:
            return Verdict("A=B")
        chance = 1 / (1 + 2.718281828 ** (self.strength[other] - self.strength[one]))
        if self.design.circles and (one in self.baselines) != (other in self.baselines):
            baseline = one if one in self.baselines else other
            wins = (self.baselines.index(baseline) % 2 == 1) == (one in self.baselines)
            chance = 0.85 if wins else 0.15
        return Verdict(self.draw.choice(("A>B", "A>>B") if self.draw.random() < chance else ("B>A", "B>>A")))


def make_folder(path, seed=0, **changes):
    """Write a folder and its board; return who made it."""
    maker = Maker(path, replace(Design(), **changes), seed)
    maker.make()
    return maker
