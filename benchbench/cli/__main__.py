"""`python -m benchbench.cli`, where the script `benchbench` is not on the path."""

from benchbench.cli import main

main()
