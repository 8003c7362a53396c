"""`python -m quantloom.cli`: the same commands, where the console script is not on PATH."""

from quantloom.cli import main

main()
