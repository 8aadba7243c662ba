# SPDX-License-Identifier: MIT
"""Breaks what a service stands on, and checks that no job is lost.

    make test-faults, or python Tests/Faults PROGRAM [--jobs 200] [--workers 4] [--seed N] [--only NAME]

PROGRAM is the built `tonmeister`. README.md says what is done and what has to hold. Exits with 0 where that
holds; otherwise with 1, and the logs are kept in a folder that is named at the end.
"""
import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import postgres  # noqa: E402
import report  # noqa: E402
import scenarios  # noqa: E402
from reference import Reference  # noqa: E402
from stage import Skipped, Stage  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(prog="Tests/Faults", description="Breaks what a service stands on.")
    parser.add_argument("program", type=Path, help="the built tonmeister")
    parser.add_argument(
        "--jobs", type=int, default=200, help="songs of the largest scenario (200; 40 is quick)")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1, help="of songs and faults")
    parser.add_argument("--only", action="append", choices=list(scenarios.ALL), help="may be repeated")
    parser.add_argument("--lease", type=int, default=6, help="seconds until a silent worker has lost its job")
    parser.add_argument("--pace", type=float, default=0.4, help="seconds between songs, in the mean")
    parser.add_argument("--keep", action="store_true", help="keep the logs in any case")
    options = parser.parse_args()
    options.program = options.program.resolve()
    return options


def give_up(*_):
    """Ends the suite in order: everything that was started is ended."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit("Tests/Faults: was told to end")


def play(name, scenario, options, folder, reference):
    """Plays a scenario; gives the stage, which tells how it went."""
    stage = Stage(name, options, folder, reference)
    try:
        with stage:
            scenario(stage)
    except Skipped as reason:
        stage.skipped = str(reason)
        print(f"  SKIP {name}: {reason}", flush=True)
    except Exception as error:  # a scenario that breaks has failed, and the others go on
        stage.check(False, "the scenario can be played", f"{type(error).__name__}: {error}")
        (stage.logs / "traceback.txt").write_text(traceback.format_exc())
    return stage


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, give_up)
    try:
        postgres.programs()
    except postgres.Missing as error:
        sys.exit(f"Tests/Faults: {error}")
    known = subprocess.run([options.program, "worker", "--help"], capture_output=True, check=False)
    if known.returncode != 0:
        sys.exit(f"Tests/Faults: {options.program} has no `worker`")
    folder = Path(tempfile.mkdtemp(prefix="tonmeister-faults-"))
    began = time.monotonic()
    print(f"seed {options.seed}, {options.jobs} jobs, {options.workers} workers, lease {options.lease} s",
          flush=True)
    reference = Reference(options)
    stages = [play("reference", reference.run, options, folder, reference)]
    # Without a reference there is nothing to compare with.
    for name in () if stages[0].failures else options.only or scenarios.ALL:
        print(f"{name}: {scenarios.ALL[name].__doc__}", flush=True)
        stages.append(play(name, scenarios.ALL[name].run, options, folder, reference))
    report.table(stages)
    failures = [f"{stage.name}: {text}" for stage in stages for text in stage.failures]
    for text in failures:
        print(f"FAIL {text}")
    print(f"{'FAIL' if failures else 'PASS'} after {(time.monotonic() - began) / 60:.1f} minutes")
    if failures or options.keep:
        print(f"the logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
