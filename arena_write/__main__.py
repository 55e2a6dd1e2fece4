"""`python -m arena_write` is `arena-write`."""

from arena_write.cli.main import main

main()
