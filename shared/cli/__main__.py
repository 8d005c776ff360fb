"""`python -m shared.cli` is the `teleservices` command, for processes that it starts itself."""

from shared.cli import main

main()
