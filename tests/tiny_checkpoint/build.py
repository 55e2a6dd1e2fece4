"""Building the checkpoint. Needs torch and transformers, which are imported late."""

import math
from pathlib import Path

from command import REPOSITORY

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONTEXT = 1_000_000_000
"""Tokens that the model claims to read: more than any test has."""

_VOCABULARY = 2_048
_TEXTS = (REPOSITORY / "arena_write/benchmarks/starter", REPOSITORY / "judges/templates/v1")
"""What the tokenizer learns from: what the tests have it read, so that it takes few tokens for that."""
_HIDDEN = 64
_QUOTE, _END = 1 / 40, 1 / 300
"""About how likely the quotation mark and the end of the answer are, at any place."""


def build_checkpoint(folder: Path, *, seed: int = 0, template: str | None = CHATML, context: int = CONTEXT) -> Path:
    """Write a checkpoint into `folder` as a trainer does; the same arguments give the same bytes.

    Args:
        folder: Where to; made if it is not there.
        seed: Draws the weights.
        template: Chat template; none for a model without.
        context: Tokens that the model claims to read and write.
    """
    import torch
    from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM

    tokenizer = _train_tokenizer()
    tokenizer.chat_template = template
    end = tokenizer.eos_token_id
    config = Qwen2Config(
        vocab_size=_VOCABULARY,
        hidden_size=_HIDDEN,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=context,
        eos_token_id=end,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        tie_word_embeddings=False,
        dtype="float32",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Qwen2ForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(2.0)  # with the initial scale all tokens are equally likely, whatever was said
        _prefer(model, {tokenizer.encode('"')[0]: _QUOTE, end: _END})
    # Sampling that no test asks for: who follows it is found out.
    model.generation_config = GenerationConfig(
        eos_token_id=[end], do_sample=True, temperature=1e-4, top_k=1, max_new_tokens=3, repetition_penalty=9.0
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _train_tokenizer():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    texts = [path.read_text(encoding="utf-8") for folder in _TEXTS for path in sorted(folder.glob("*.[jt]*"))]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        clean_up_tokenization_spaces=False,
    )


def _prefer(model, likelihoods: dict[int, float]) -> None:
    """Make tokens about this likely everywhere.

    The last dimension carries a constant that no layer changes, and the head reads of it for these tokens alone.
    """
    import torch

    embeddings, head = model.model.embed_tokens.weight, model.lm_head.weight
    constant = 8 * float(embeddings.std())
    embeddings[:, -1] = constant
    for layer in model.model.layers:
        layer.self_attn.o_proj.weight[-1] = 0
        layer.mlp.down_proj.weight[-1] = 0
    head[:, -1] = 0
    ids = torch.arange(len(embeddings))[None, :500]
    seen = model.model(ids).last_hidden_state[0]
    others = model.lm_head(seen).exp().sum(-1).mean().log()
    for token, likelihood in likelihoods.items():
        head[token] = 0
        head[token, -1] = (others + math.log(likelihood)) / seen[:, -1].mean()
