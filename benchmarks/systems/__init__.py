"""One module per measured system, each run by the interpreter of its own environment."""
