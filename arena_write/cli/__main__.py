"""`python -m arena_write.cli` is `arena-write`."""

from arena_write.cli.main import main

main()
