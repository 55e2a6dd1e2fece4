"""A small board: prompts, answers, a place to keep battles, and judges made for one purpose."""

import asyncio
from dataclasses import dataclass, field

import pytest

from arena_write.battles.outcomes import join
from arena_write.battles.plan import Entry, Plan
from arena_write.judging import JudgingReport, ask_stream
from arena_write.store import OutputRecord, ResultsFolder, read_battles
from arena_write.store.keys import output_key
from judges import Comparison, Completion, JudgeSpec, Usage, Verdict, text_id

SPEC = JudgeSpec("judge", "m", "t")


def entrant(letter):
    return letter * 32


def make_output(prompt, who, text, *, sample=0, failure=None):
    return OutputRecord(
        key=output_key(prompt=prompt, entrant=who, sample=sample),
        prompt=prompt,
        prompt_id=prompt[:4],
        entrant=who,
        entrant_name=who[0],
        model="m",
        profile="0" * 32,
        settings={},
        sample=sample,
        text=text,
        text_id=text_id(text),
        thinking=None,
        failure=failure,
        finish_reason="stop",
        served_model=None,
        usage=Usage(),
        seed=None,
        backend="recorded",
        origin="recorded",
        source=None,
        seconds=None,
        price=None,
        plan="p",
        run="r",
        at="2026-01-02T03:04:05.000006+00:00",
    )


class Judge:
    """Prefers the longer text, in its own words, and remembers what it was asked."""

    def __init__(self, served=None):
        self.spec = SPEC
        self.served = served
        self.asked = []
        self.running = self.most_running = 0

    async def compare(self, prompt, first, second, *, repeat=0):
        self.asked.append((prompt, first, second, repeat))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(0)
            return self.decide(prompt, first, second)
        finally:
            self.running -= 1

    def decide(self, prompt, first, second):
        return self.say("A>B" if len(first) > len(second) else "B>>A" if len(first) < len(second) else "A=B")

    def say(self, label, words=None):
        words = words or f"[[{label}]]"
        completion = Completion(words, "thought", "stop", self.served, Usage(10, 5, 3, 1), 0.25)
        return Comparison(Verdict(label), completion)


class Counter:
    """Progress that counts."""

    def __init__(self):
        self.ended = []

    def advance(self, *, failed):
        self.ended.append(failed)


@dataclass
class Board:
    """Two baselines and a candidate on some prompts, in a folder."""

    folder: object
    prompts: tuple = ()
    outputs: list = field(default_factory=list)
    plan: object = None
    progress: object = field(default_factory=Counter)

    def join(self, **options):
        battles = read_battles(self.folder.battles, judge=SPEC.id)
        return join(self.plan, prompts=self.prompts, outputs=self.outputs, battles=battles, **options)

    async def judging(self, judge, *, run="run-1", connections=4, retry_invalid=False):
        texts = {text_id(f"prompt {n}"): f"prompt {n}" for n in range(len(self.prompts))}
        outcomes = self.join(retry_invalid=retry_invalid)
        report = JudgingReport(served_models=set(outcomes.served_models))

        async def produce(put):
            for question in outcomes.questions():
                await put(question)

        await ask_stream(
            produce,
            judge=judge,
            board=self.folder,
            texts=texts | {row.text_id: row.text for row in self.outputs},
            plan=self.plan.id,
            run=run,
            at_once=connections,
            progress=self.progress,
            report=report,
        )
        return report

    def judge(self, judge, **options):
        return asyncio.run(self.judging(judge, **options))

    @property
    def rows(self):
        return list(self.folder.battles.read())

    @property
    def replies(self):
        return list(self.folder.replies.read())


@pytest.fixture
def make_board(tmp_path):
    def build(prompts=4, **options):
        ids = tuple(text_id(f"prompt {n}") for n in range(prompts))
        board = Board(ResultsFolder(tmp_path).benchmark("b@1").board(SPEC), ids)
        for letter in "abc":
            board.outputs += [
                make_output(prompt, entrant(letter), f"{letter} on {n}: {'x' * ord(letter)}")
                for n, prompt in enumerate(ids)
            ]
        entries = (Entry(entrant("a"), "baseline"), Entry(entrant("b"), "baseline"), Entry(entrant("c"), "candidate"))
        board.plan = Plan("b@1", entries, **options)
        return board

    return build


@pytest.fixture
def board(make_board):
    return make_board()


@pytest.fixture(scope="session")
def output():
    return make_output


@pytest.fixture(scope="session")
def judge_class():
    return Judge
