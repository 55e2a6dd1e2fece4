"""arena-write: which model writes better at length, by how much, and how sure we are.

The way of the data is `prompts -> outputs -> battles and scores -> ratings -> board`; each arrow is a sub-package:
`benchmarks`, `generators`, `battles`, `ratings`, `reports`, with `store` keeping what each produced and `textstats`
measuring texts without any model.
"""

__version__ = "0.1.0"
