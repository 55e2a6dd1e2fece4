"""The command line, a small module per verb. No logic of its own."""
