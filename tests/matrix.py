"""Every pair of source and replication that there is, PostgreSQL's releases in turn: `make matrix`.

`make matrix SOURCE=mariadb-10.5` takes those of one source, `REPLICATION=` those of one copy.

Each cell runs the tests below on servers of its own: what each server alone has, edge values of all
types, random tables, and the clinic of 410 tables through two nights, compared by verify.py.
"""

import os
import subprocess
import sys
from itertools import cycle, product

from demo.suites import RELEASES, VARIABLES

TESTS = [
    f"tests/test_{name}.py"
    for name in ("across", "values", "any_table", "columns_and_keys", "names", "all_tables")
]


def run(cell: dict[str, str]) -> str:
    """Runs the tests on the servers of one cell and returns pytest's last line."""
    environ = os.environ | {VARIABLES[server]: name for server, name in cell.items()}
    command = [sys.executable, "-m", "pytest", "--quiet", *TESTS]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=1_800)
    last = (done.stdout.strip() or done.stderr.strip() or "nothing was printed").splitlines()[-1]
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
    return f"{'equal' if done.returncode == 0 else 'FAILED'}: {last}"


def main() -> int:
    """Runs all cells, prints a line for each, and returns the exit code."""
    postgreses = cycle(RELEASES["analytics"])
    failed = 0
    chosen = [
        [name] if (name := os.environ.get(VARIABLES[server])) else list(RELEASES[server])
        for server in ("source", "replication")
    ]
    for source, replication in product(*chosen):
        cell = {"source": source, "replication": replication, "analytics": next(postgreses)}
        told = run(cell)
        failed += told.startswith("FAILED")
        print(f"| {' | '.join([*cell.values(), told])} |", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
