"""Keeping recorded outputs as rows of a results folder."""

from collections.abc import Collection, Sequence

from arena_write.benchmarks.prompts import Prompt
from arena_write.generators.matching import MatchedAnswers
from arena_write.generators.outputs import RecordedAnswer, RecordedOutputs
from arena_write.store import BenchmarkFolder, OutputRecord
from arena_write.store.keys import output_key
from arena_write.store.runs import now
from judges import text_id


def store_outputs(
    folder: BenchmarkFolder,
    outputs: RecordedOutputs,
    matched: MatchedAnswers,
    *,
    prompts: Sequence[Prompt],
    stored: Collection[str],
    plan: str,
    run: str,
) -> int:
    """Append the answers to `prompts` whose keys are not `stored` yet; return how many these were.

    Raises:
        StoreError: The folder cannot be read or written.
    """
    entrant = outputs.entrant
    appended = 0
    with folder.outputs_file(name=entrant.name, entrant=entrant.id).append() as writer:
        for prompt in prompts:
            for sample, answer in sorted(matched.answers.get(prompt.text_id, {}).items()):
                key = output_key(prompt=prompt.text_id, entrant=entrant.id, sample=sample)
                if key not in stored:
                    writer.write(_record(outputs, prompt, answer, key=key, plan=plan, run=run))
                    appended += 1
    return appended


def _record(
    outputs: RecordedOutputs, prompt: Prompt, recorded: RecordedAnswer, *, key: str, plan: str, run: str
) -> OutputRecord:
    entrant, answer = outputs.entrant, recorded.answer
    return OutputRecord(
        key=key,
        prompt=prompt.text_id,
        prompt_id=prompt.id,
        entrant=entrant.id,
        entrant_name=entrant.name,
        model=entrant.model,
        profile=entrant.profile.id,
        settings=entrant.profile.settings(),
        sample=recorded.sample,
        text=answer.text,
        text_id=text_id(answer.text),
        thinking=answer.thinking,
        failure=answer.failure.value if answer.failure else None,
        finish_reason=recorded.finish_reason,
        served_model=recorded.served_model,
        usage=recorded.usage,
        seed=None,
        backend="recorded",
        origin="recorded",
        source=outputs.path.name if outputs.path else None,
        seconds=recorded.seconds,
        price=None,
        plan=plan,
        run=run,
        at=now(),
    )
