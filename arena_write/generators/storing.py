"""Answers as rows of a results folder."""

from collections.abc import Collection, Sequence

from arena_write.benchmarks.prompts import Prompt
from arena_write.generators.answers import Answer
from arena_write.generators.live import LiveModel
from arena_write.generators.matching import MatchedAnswers
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.profiles import Entrant
from arena_write.store import BenchmarkFolder, OutputRecord
from arena_write.store.keys import output_key
from arena_write.store.records import Origin
from arena_write.store.runs import now
from judges import Completion, text_id


def recorded_rows(
    outputs: RecordedOutputs,
    matched: MatchedAnswers,
    *,
    prompts: Sequence[Prompt],
    stored: Collection[str],
    plan: str,
    run: str,
) -> list[OutputRecord]:
    """Return the rows of recorded answers to `prompts` whose keys are not `stored` yet."""
    entrant, rows = outputs.entrant, []
    for prompt in prompts:
        for sample, recorded in sorted(matched.answers.get(prompt.text_id, {}).items()):
            if output_key(prompt=prompt.text_id, entrant=entrant.id, sample=sample) in stored:
                continue
            said = Completion(
                text=recorded.answer.text,
                finish_reason=recorded.finish_reason,
                served_model=recorded.served_model,
                usage=recorded.usage,
                seconds=recorded.seconds,
            )
            row = _record(
                entrant,
                prompt,
                recorded.answer,
                said,
                sample=sample,
                seed=None,
                backend="recorded",
                origin="recorded",
                source=outputs.path.name if outputs.path else None,
                plan=plan,
                run=run,
            )
            rows.append(row)
    return rows


def store_rows(folder: BenchmarkFolder, rows: Sequence[OutputRecord]) -> None:
    """Append rows of one entrant.

    Raises:
        StoreError: The folder cannot be written.
    """
    if rows:
        with folder.outputs_file(name=rows[0].entrant_name, entrant=rows[0].entrant).append() as writer:
            for row in rows:
                writer.write(row)


def record_answer(
    live: LiveModel,
    prompt: Prompt,
    answer: Answer,
    completion: Completion,
    *,
    sample: int,
    seed: int,
    plan: str,
    run: str,
) -> OutputRecord:
    """Return the row of an answer that a model gave just now."""
    return _record(
        live.entrant,
        prompt,
        answer,
        completion,
        sample=sample,
        seed=seed,
        backend=live.backend,
        origin="generated",
        source=None,
        plan=plan,
        run=run,
    )


def _record(
    entrant: Entrant,
    prompt: Prompt,
    answer: Answer,
    said: Completion,
    *,
    sample: int,
    seed: int | None,
    backend: str,
    origin: Origin,
    source: str | None,
    plan: str,
    run: str,
) -> OutputRecord:
    return OutputRecord(
        key=output_key(prompt=prompt.text_id, entrant=entrant.id, sample=sample),
        prompt=prompt.text_id,
        prompt_id=prompt.id,
        entrant=entrant.id,
        entrant_name=entrant.name,
        model=entrant.model,
        profile=entrant.profile.id,
        settings=entrant.profile.settings(),
        sample=sample,
        text=answer.text,
        text_id=text_id(answer.text),
        thinking=answer.thinking,
        failure=answer.failure.value if answer.failure else None,
        finish_reason=said.finish_reason,
        served_model=said.served_model,
        usage=said.usage,
        seed=seed,
        backend=backend,
        origin=origin,
        source=source,
        seconds=said.seconds,
        price=said.price,
        plan=plan,
        run=run,
        at=now(),
    )
