# SPDX-License-Identifier: MIT
"""The table of what was done."""


def _counts(counter):
    ordered = sorted(counter.items(), key=lambda item: str(item[0]))
    return ", ".join(f"{name} {count}" for name, count in ordered)


def table(stages):
    """A line for each scenario; what has more than one figure stands in lines below."""
    print(f"\n{'scenario':10} {'jobs':>5} {'succeeded':>9} {'failed':>6} {'seconds':>7} {'serve MB':>8} "
          f"{'worker MB':>9}  verdict")
    for stage in stages:
        verdict = f"skipped: {stage.skipped}" if stage.skipped else "FAIL" if stage.failures else "PASS"
        succeeded, failed = stage.states["succeeded"], stage.states["failed"]
        print(f"{stage.name:10} {stage.accepted:5} {succeeded:9} {failed:6} {stage.seconds:7.0f} "
              f"{stage.peak >> 20:8} {stage.worker_peak >> 20:9}  {verdict}")
        for title, counter in (
                ("faults", stage.counts), ("answers", stage.answers), ("songs by attempts", stage.attempts)):
            if counter:
                print(f"{'':10}   {title}: {_counts(counter)}")
    print()
