"""The words a judge is given: complete in both languages, shared text first, each line for a reason."""

import re
from pathlib import Path

import pytest

from judges import BAND_NAMES, Criterion, Verdict
from judges.llm import RENDERING, TEMPLATES_VERSION, render_comparison, render_scoring, template_id
from judges.llm import identity as identity_module
from judges.llm import rendering as rendering_module
from judges.llm.language import template_language
from judges.llm.templates import Template, load_template, read_bundle, read_joint_bundle

FORMATS = ("text", "json_schema")
PAGE = Path(__file__).parents[2] / "docs" / "judging.md"
CRITERION = Criterion("Depth", "Goes deep.", ("none", "little", "some", "much", "all"))
EN, ZH = "Write a letter to a neighbour.", "给邻居写一封信。"


def test_the_bundle_is_what_stored_verdicts_were_made_with():
    """Other words are another judge. Once a release has used these, add a version of templates instead."""
    assert (TEMPLATES_VERSION, RENDERING) == ("v1", 1)
    assert template_id() == "d88bb476a8e4480efab9cdd1572af6f6"


@pytest.mark.parametrize("change", ["words", "rendering", "schema"])
def test_the_hash_covers_words_rendering_and_schemas(monkeypatch, change):
    make = identity_module.template_id.__wrapped__
    assert make() == template_id()
    if change == "words":
        bundle = {name: dict(fields) for name, fields in read_bundle().items()}
        bundle["rubric.zh"]["system"] += "。"
        monkeypatch.setattr(identity_module, "read_bundle", lambda: bundle)
    elif change == "rendering":
        monkeypatch.setattr(identity_module, "RENDERING", RENDERING + 1)
    else:
        monkeypatch.setattr(identity_module, "SCORE_SCHEMA", {})
    assert make() != template_id()


def test_rendering_1_is_this():
    """Where this fails, the code that renders has changed: raise `RENDERING`."""
    template = Template(
        system="S",
        reply={"text": "R {prompt}"},
        names={"prompt": "P", "text": "T", "criterion": "C", "end": "E"},
        pieces=("a ", "prompt", " b ", "text", " c ", "criterion", " d ", "reply", " e"),
    )
    materials = {"prompt": "p {text}", "text": "t", "criterion": rendering_module._describe(CRITERION)}
    system, user = rendering_module._render(template, materials, "text", apart=False)
    assert (system.role, system.content, user.role) == ("system", "S", "user")
    assert user.content == (
        "a <<<P 4b2f3cdee19f>>>\np {text}\n<<<E P 4b2f3cdee19f>>> b "
        "<<<T e3b98a4da31a>>>\nt\n<<<E T e3b98a4da31a>>> c "
        "<<<C f85a64f629e8>>>\nDepth\nGoes deep.\n1-2: none\n3-4: little\n5-6: some\n7-8: much\n9-10: all\n"
        "<<<E C f85a64f629e8>>> d R {prompt} e"
    )


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        (EN, "en"),
        (ZH, "zh"),
        ("写一篇介绍 Transformer 与 Attention 的文章。", "zh"),
        ("请为 OpenAI ChatGPT Plus 写广告", "zh"),
        ("Write about the poet 李白 in about 2,000 words.", "en"),
        ("隣人に手紙を書いてください。", "en"),
        ("Écrivez une lettre à un voisin.", "en"),
        ("Напишите письмо.", "en"),
        ("", "en"),
        ("123 !?", "en"),
    ],
)
def test_the_prompt_decides_the_language(prompt, language):
    assert template_language(prompt) == language
    system = render_comparison(prompt, ZH * 9, EN * 9, reply_format="text")[0].content
    assert system == load_template("pairwise", language).system


@pytest.mark.parametrize("prompt", [EN, ZH])
@pytest.mark.parametrize("reply_format", FORMATS)
def test_shared_text_comes_first(prompt, reply_format):
    def shared(one, other):
        """Characters of the longest common beginning."""
        return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))

    one, other = (render_comparison(prompt, "same first", second, reply_format=reply_format) for second in ("x", "yy"))
    assert one[0] == other[0]
    assert shared(one[1].content, other[1].content) > one[1].content.index("same first")
    assert len(one[1].content) - one[1].content.index("same first") > 0

    criteria = [CRITERION, Criterion("Voice", "Sounds true.", CRITERION.bands)]
    one, other = (render_scoring(prompt, "the text", criterion, reply_format=reply_format) for criterion in criteria)
    assert one[0] == other[0]
    assert one[1].content.index("the text") < shared(one[1].content, other[1].content) < one[1].content.index("Depth")


@pytest.mark.parametrize("prompt", [EN, ZH])
def test_all_that_is_to_be_judged_is_in_the_prompt(prompt):
    for reply_format in FORMATS:
        asked = render_comparison(prompt, "one", "two", reply_format=reply_format)[1].content
        assert all(label.value in asked for label in Verdict)
        asked = render_scoring(prompt, "one", CRITERION, reply_format=reply_format)[1].content
        assert all(f"{name}: {band}" in asked for name, band in zip(BAND_NAMES, CRITERION.bands, strict=True))
        assert "A>B" not in asked
    assert "```json" in render_scoring(prompt, "one", CRITERION, reply_format="text")[1].content


def test_labels_are_shown_symmetrically():
    for name in ("pairwise.en", "pairwise.zh"):
        words = read_bundle()[name]
        labels = re.findall(r"\[\[(.+?)\]\]", words["reply_text"])
        assert labels[:-1] == [label.value for label in Verdict]
        lines = {label: words["reply_text"].split(f"[[{label}]]")[1].split("\n")[0] for label in labels[:-1]}
        for label in Verdict:
            swapped = lines[label].translate(str.maketrans("AB", "BA"))
            assert swapped == lines[label.flipped]


def lines_of(words):
    return {field: words[field].strip("\n").split("\n") for field in ("system", "user", "reply_text", "reply_json")}


@pytest.mark.parametrize("task", ["pairwise", "rubric", "joint"])
def test_both_languages_say_the_same_lines(task):
    bundle = {**read_bundle(), **read_joint_bundle()}
    english, chinese = (lines_of(bundle[f"{task}.{language}"]) for language in ("en", "zh"))
    for field, lines in english.items():
        assert [line[:2] == "- " for line in lines] == [line[:2] == "- " for line in chinese[field]]
        assert [not line for line in lines] == [not line for line in chinese[field]]


def test_every_line_has_its_reason_in_the_documentation():
    keys = re.findall(r"^\| `` (.+?) `` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    keys = [key.replace("\\|", "|") for key in keys]
    lines = [
        line.removeprefix("- ")
        for name in ("pairwise.en", "rubric.en", "joint.en")
        for field in lines_of({**read_bundle(), **read_joint_bundle()}[name]).values()
        for line in field
        if line and not line.startswith("{")
    ]
    lines += ['{"score": N', '{"1": {"score": N']
    unexplained = [line for line in lines if not any(line.startswith(key) for key in keys)]
    assert not unexplained
    assert not [key for key in keys if not any(line.startswith(key) for line in lines)]
    assert len(keys) == len(set(keys))
