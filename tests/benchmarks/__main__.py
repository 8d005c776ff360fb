"""`make bench`: every figure, with its ratio to a baseline measured in the same run."""

import importlib
import os
import platform
import sys

BENCHMARKS = (
    "weight",
    "import_school",
    "generate_accounts",
    "portal_login",
    "portal_defence",
    "portal_load",
    "provider_tokens",
    "door_login",
    "slow_clients",
    "logins_and_previews",
    "notifications",
    "sms",
    "letters",
    "waiting_for_letters",
    "nightly",
    "saving",
    "exports",
    "bare_page",
    "screens",
    "duplicates",
    "september",
)


def main(wanted: list[str]) -> None:
    """Run the benchmarks named, or all of them."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    for name in wanted or BENCHMARKS:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"tests.benchmarks.{name}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
