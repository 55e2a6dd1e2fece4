"""The WritingBench benchmark (arXiv 2503.05244): its queries, requirement subsets and aggregation."""
