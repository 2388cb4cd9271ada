"""Mutants of the golden model, against what the core answered and against the tests."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.conversation import exchanges

from .score import Say, judged
from .syntax import draw
from .trial import PACKAGE, ROOT

#: Whose core's answers the model must give: 8 and 16 bits, one port and two, a black box, unlabelled data, recurrent;
#: layers of one group above wide ones, whose second walk must wait for its list.
ASKED = (
    "awkward",
    "sixteen-bit-extreme",
    "no-classes-one-lane",
    "black-box",
    "black-box-two-ports",
    "recurrent",
    "recurrent-three-layers",
    "few-bits",
)
#: What the model must pass after the core's answers, the quickest first.
TESTS = ("tests/golden", "tests/host/driver/test_device.py")


def transcripts(names: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """What the core answers in conversations, for each of some configurations.

    It is written down by the golden device, of which `hardware_mutants` and `tests/sim` show that it is the core's.
    """
    found = []
    for name in names:
        case = CONFIGURATIONS[name]
        said = [(frame.hex(), answers.hex()) for frame, answers in exchanges(case, seed, 0.1)]
        found.append({"name": name, "config": case.config.to_json(), "exchanges": said})
    return found


def golden_mutants(
    count: int = 240,
    seed: int = 1,
    say: Say = print,
    *,
    names: Sequence[str] = ASKED,
    tests: Sequence[str] = TESTS,
    only: str = "",
) -> dict[str, Any]:
    """`count` mutants of all files of the golden model, drawn from a seed; of the files in `only` if it names some."""
    mutants = [mutant for mutant in draw(PACKAGE, count, seed) if not only or mutant.file in only.split(",")]
    asked = {
        "mutants": [None, *(asdict(mutant) for mutant in mutants)],
        "transcripts": transcripts(names, seed),
        "tests": list(tests),
    }
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "testbenches.trust.mutants.trial"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )
    assert process.stdin is not None and process.stdout is not None
    with process:
        json.dump(asked, process.stdin)
        process.stdin.close()
        clean = json.loads(process.stdout.readline())
        assert not clean["killer"], f"the golden model itself fails: {clean}"
        killers = []
        for mutant, line in zip(mutants, process.stdout, strict=True):
            killers.append(json.loads(line)["killer"])
            if not killers[-1]:
                say(f"  {mutant.file}:{mutant.line} {mutant.function}: {mutant.before} -> {mutant.after} survives")
    cases: dict[str, Any] = {}
    for mutant, found in zip(mutants, killers, strict=True):
        case = cases.setdefault(mutant.file, {"mutants": 0, "killed": 0, "killed_by": Counter(), "survivors": []})
        case["mutants"] += 1
        if found:
            case["killed"] += 1
            case["killed_by"][found] += 1
        else:
            source = f"golden/ffpga_golden/{mutant.file}:{mutant.line}"
            case["survivors"].append({"key": mutant.key, "sources": [source], "proved": False})
    return judged({"seed": seed, "count": count, "cases": cases}, "golden")
