"""A tiny checkpoint with random weights: a real model of the Qwen2 kind, real tokenizer and template, made in seconds.

It writes noise. As a judge whose replies are held to a JSON schema it gives noise too, but valid verdicts: its weights
make the quotation mark likely, so that an explanation ends after some dozens of tokens, and the end of the answer less
likely, so that answers end by themselves. Nothing in the product knows of this.
"""

from tiny_checkpoint.build import CHATML, build_checkpoint

__all__ = ["CHATML", "build_checkpoint"]
