"""A prompt file of WritingBench's shape: read and never run, rendered as `str.format` does it, replies read strictly.

The official file is not in this repository; these have its structure, in words of our own.
"""

import asyncio

import pytest

from judges import Completion, Criterion, Invalid, Score
from judges.llm import (
    LLMJudge,
    OfficialPrompt,
    OfficialPromptError,
    find_official_prompt,
    make_spec,
    read_official_prompt,
    template_id,
)

CRITERION = Criterion("It's clear", 'says "so" {query}', ("none", "little", "some", "much", "all {0}"))
FILE = '''
import os
evaluate_system = """
You rate what people wrote; {{ stays }}.
""".strip()

evaluate_prompt = """
Give marks.
```json
{{
    "score": 1 to 10,
    "reason": "why"
}}

* Rule *
```{criteria}```
* Task *
```{query}```
* Answer *
```{response}```
Once more: ```{criteria}```
```json
{{"score": 1 to 10}}
```
""".strip()
'''
USER = """Give marks.
```json
{
    "score": 1 to 10,
    "reason": "why"
}

* Rule *
```%(criteria)s```
* Task *
```%(query)s```
* Answer *
```%(response)s```
Once more: ```%(criteria)s```
```json
{"score": 1 to 10}
```"""


@pytest.fixture
def read(tmp_path):
    def read(source, **options):
        path = tmp_path / "prompt.py"
        path.write_bytes(source if isinstance(source, bytes) else source.encode("utf-8"))
        return read_official_prompt(path)

    return read


class TestReading:
    """As Python would assign it, without Python running it."""

    def test_both_texts_are_read(self, read):
        assert read(FILE) == OfficialPrompt("You rate what people wrote; {{ stays }}.", USER_TEMPLATE)

    @pytest.mark.parametrize(
        "source",
        [
            FILE.replace("\n", "\r\n"),
            "\ufeff" + FILE,
            FILE.replace("evaluate_system =", "evaluate_system: str ="),
            FILE.replace('"""\nYou rate what people wrote; {{ stays }}.\n""".strip()',
                         '("You rate what people "\n\'wrote; {{ stays }}.\')'),
        ],
    )  # fmt: skip
    def test_the_same_texts_written_otherwise_are_the_same_prompt(self, read, source):
        assert read(source).id == read(FILE).id

    def test_the_code_of_the_file_never_runs(self, read, tmp_path):
        trap = tmp_path / "ran"
        code = f"open({str(trap)!r}, 'w').close()\n__import__('os').abort()\nraise SystemExit\n"
        assert read(code + FILE + f"\n@{code.splitlines()[0]}\ndef f(x={code.splitlines()[0]}): pass\n") == read(FILE)
        assert not trap.exists()

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("", r"prompt\.py: no string is assigned to evaluate_system"),
            (FILE.replace("evaluate_prompt", "other"), "no string is assigned to evaluate_prompt"),
            (FILE.replace('evaluate_prompt = """', 'evaluate_prompt = f"""').replace("{{", "").replace("}}", ""),
             r"prompt\.py:7: evaluate_prompt is not a string that is written out, but an f-string"),
            (FILE.replace('""".strip()\n\neval', '""" + "x"\n\neval'), r":3: .*put together by an operator"),
            (FILE.replace('""".strip()\n\neval', '""".upper()\n\neval'), r":3: .*what a call returns"),
            (FILE.replace('""".strip()\n\neval', '""".strip("Y")\n\neval'), r":3: .*what a call returns"),
            (FILE.replace('""".strip()\n\neval', '""".strip().strip()\n\neval'), r":3: .*written out"),
            (FILE + "evaluate_system = evaluate_prompt\n", "evaluate_system is assigned in lines 3, "),
            (FILE + "if 1:\n    evaluate_prompt = 'x'\n", "evaluate_prompt is assigned in lines 7, "),
            (FILE + "evaluate_prompt += 'x'\n", "evaluate_prompt is assigned in lines 7, "),
            ("evaluate_system, evaluate_prompt = 'a', 'b'\n", r":1: evaluate_system is not assigned by itself"),
            ("if 1:\n    evaluate_system = 'a'\n", r":2: evaluate_system is not assigned by itself at the top level"),
            ("evaluate_system = b'a'\n", r":1: .*written out, but something else"),
            ("evaluate_system: str\n", r":1: evaluate_system is not assigned"),
            ("evaluate_system = None\n", r":1: .*written out"),
            (FILE + "def (:\n", r"prompt\.py:\d+: this is not Python"),
            ("x = 'never closed\n", r":1: this is not Python"),
            (b"\xff\xfe", "byte 0 is not UTF-8"),
            (b"a = 1\0", "Python"),
            ("x = " + "(" * 5000 + ")" * 5000, "Python"),
            ("#" * 1_000_001, "1,000,001 bytes"),
            ("evaluate_system = '\\ud800'\n" + FILE[FILE.index("evaluate_prompt"):], "half of a character"),
            (FILE.replace("{query}", ""), r"evaluate_prompt has no slot \{query\}; restore"),
            (FILE.replace("{query}", "{drama}"), r"slot \{drama\}; it has \{criteria\}, \{query\}, \{response\}"),
            (FILE.replace("{query}", "{query.__class__}"), r"slot \{query\.__class__\}"),
            (FILE.replace("{query}", "{query[0]}"), r"slot \{query\[0\]\}"),
            (FILE.replace("{query}", "{query!r}"), r"slot \{query!r\}"),
            (FILE.replace("{query}", "{query:>9}"), r"slot \{query:>9\}"),
            (FILE.replace("{query}", "{}"), r"slot \{\}"),
            (FILE.replace("{query}", "{query} }"), r"no template of str\.format"),
        ],
    )  # fmt: skip
    def test_what_is_no_such_file_is_refused_with_its_place_and_the_mend(self, read, source, message):
        with pytest.raises(OfficialPromptError, match=message):
            read(source)

    def test_a_file_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(OfficialPromptError, match=r"nowhere\.py cannot be read: .*your copy of the WritingBench"):
            read_official_prompt(tmp_path / "nowhere.py")


USER_TEMPLATE = FILE[FILE.index("Give marks.") : FILE.rindex('\n""".strip()')]


class TestRendering:
    """As the official script does: Python's notation of the criterion, and no fence around anything."""

    def test_it_is_what_str_format_gives(self, read):
        system, user = read(FILE).render("Task {response} %s", "An {essay} with }} and ``` in it", CRITERION)
        shown = (
            "{'name': \"It's clear\", 'criteria_description': 'says \"so\" {query}', '1-2': 'none', '3-4': 'little', "
            "'5-6': 'some', '7-8': 'much', '9-10': 'all {0}'}"
        )
        assert (system.role, system.content) == ("system", "You rate what people wrote; {{ stays }}.")
        assert user.content == USER % {
            "criteria": shown,
            "query": "Task {response} %s",
            "response": "An {essay} with }} and ``` in it",
        }
        assert user.content.count("```json") == 2 and user.content.startswith("Give marks.\n```json\n{\n")


class TestFinding:
    """Beside the queries, or beside the folder that holds them in the official repository."""

    def test_in_the_folder_itself_and_at_the_top_of_the_repository(self, tmp_path):
        deep = tmp_path / "copy" / "benchmark_query" / "requirement" / "length"
        deep.mkdir(parents=True)
        assert find_official_prompt(deep) is None
        (tmp_path / "prompt.py").write_text("", encoding="utf-8")
        assert find_official_prompt(deep) is None  # nothing says that it belongs to the queries
        (tmp_path / "copy" / "prompt.py").write_text("", encoding="utf-8")
        assert find_official_prompt(deep) == tmp_path / "copy" / "prompt.py"
        assert find_official_prompt(deep.parents[1]) == tmp_path / "copy" / "prompt.py"
        (deep / "prompt.py").write_text("", encoding="utf-8")
        assert find_official_prompt(deep) == deep / "prompt.py"
        assert find_official_prompt(tmp_path / "no-such-folder") is None


class TestJudge:
    """Another judge for other texts, and one criterion a call."""

    def score(self, prompt, reply):
        class Model:
            id = "scripted"

            async def complete(self, messages, *, seed=None):
                assert messages == prompt.render("task", "answer", CRITERION)
                return Completion(reply, finish_reason="stop")

            async def aclose(self):
                pass

        spec = make_spec("scripted", "scripted", rubric="official", official=prompt)
        return asyncio.run(LLMJudge(spec, Model(), official=prompt).score("task", "answer", CRITERION)).outcome

    def test_its_id_holds_both_texts_and_not_where_they_were(self, read, tmp_path):
        prompt = read(FILE)
        spec = make_spec("scripted", "scripted", rubric="official", official=prompt)
        others = [read(FILE.replace("You rate", "You weigh")), read(FILE.replace("Give marks", "Give points"))]
        ids = [make_spec("scripted", "scripted", rubric="official", official=other).id for other in others]
        assert len({spec.id, *ids, make_spec("scripted", "scripted").id}) == 4
        (tmp_path / "elsewhere.py").write_text("x = 1\n" + FILE, encoding="utf-8")
        again = read_official_prompt(tmp_path / "elsewhere.py")
        assert make_spec("scripted", "scripted", rubric="official", official=again).id == spec.id

    def test_it_does_not_go_with_another_form_of_the_reply_or_another_way(self, read):
        prompt = read(FILE)
        with pytest.raises(ValueError, match="its own form"):
            make_spec("m", "m", rubric="official", official=prompt, reply_format="json_schema")
        for rubric, official in (("official", None), ("each", prompt), ("joint", prompt)):
            with pytest.raises(ValueError, match="official prompt"):
                template_id(rubric, official)

    @pytest.mark.parametrize(
        "reply",
        [
            '{"score": 7, "reason": "so"}',
            '```json\n{"score": 7, "reason": "so"}\n```',
            '\n```\n{"reason": "so",\n "score": 7}\n```\n',
            '```JSON\n{"score": 7, "reason": "so"}```',
            '```json\n{"score": 7, "reason": "so"}',
            '<think>9?</think>\n\n```json\n{"score": 7, "reason": "so"}\n```',
        ],
    )
    def test_a_reply_is_one_object_bare_or_fenced(self, read, reply):
        assert self.score(read(FILE), reply) == Score(7, "so")

    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            ('{"score": "7", "reason": ""}', "wrong_shape"),
            ('{"score": true, "reason": ""}', "wrong_shape"),
            ('{"score": 7.0, "reason": ""}', "wrong_shape"),
            ('{"score": NaN, "reason": ""}', "not_json"),
            ('{"score": 0, "reason": ""}', "out_of_range"),
            ('{"score": 11, "reason": ""}', "out_of_range"),
            ('{"score": 7}', "wrong_shape"),
            ('{"score": 7, "reason": 1}', "wrong_shape"),
            ('{"score": 7, "reason": "", "name": "x"}', "wrong_shape"),
            ('{"score": 3, "score": 7, "reason": ""}', "wrong_shape"),
            ("{'score': 7, 'reason': ''}", "not_json"),
            ("__import__('os').abort()", "not_json"),
            ('{"score": 3, "reason": ""}\n```json\n{"score": 7, "reason": ""}\n```', "not_json"),
            ('```json\n{"score": 3, "reason": ""}\n```\n```json\n{"score": 7, "reason": ""}\n```', "not_json"),
            ('```json\n{"score": 3, "reason": ""}\n```\n{"score": 7, "reason": ""}', "not_json"),
            ('Here: ```json\n{"score": 7, "reason": ""}\n```', "not_json"),
            ('```json\n{"score": 7, "reason": ""}\n```\nHope this helps.', "not_json"),
        ],
    )
    def test_anything_else_is_no_score(self, read, reply, reason):
        outcome = self.score(read(FILE), reply)
        assert isinstance(outcome, Invalid)
        assert outcome.reason == reason
