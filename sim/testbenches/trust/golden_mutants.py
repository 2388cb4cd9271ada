"""Mutants of the golden model, against what the core answered and against the tests."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ffpga_sim import VirtualBoard

from ..configurations import CONFIGURATIONS
from .ast_mutants import draw
from .golden_trial import PACKAGE, ROOT
from .mutants import CASES, Say, judged, reasons
from .sessions import Session, sessions

#: What the model must pass after the core's answers, the quickest first.
TESTS = ("tests/golden", "tests/host/test_device.py")


def transcripts(names: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """What virtual boards answered in conversations, for each of some configurations."""
    found = []
    for name in names:
        session: Session = sessions(CONFIGURATIONS[name], seed)[0]
        with VirtualBoard(session.case.config) as board:
            session.hold(board)  # so the answers are the board's
        exchanges = [(frame.hex(), answers.hex()) for frame, answers in session.exchanges]
        found.append({"name": name, "config": asdict(session.case.config), "exchanges": exchanges})
    return found


def golden_mutants(
    count: int = 300,
    seed: int = 1,
    say: Say = print,
    *,
    names: Sequence[str] = CASES,
    tests: Sequence[str] = TESTS,
    files: Sequence[str] = (),
) -> dict[str, Any]:
    """`count` mutants of all files of the golden model, drawn from a seed; of `files` alone where there are any."""
    mutants = [mutant for mutant in draw(PACKAGE, count, seed) if not files or mutant.file in files]
    asked = {
        "mutants": [None, *(asdict(mutant) for mutant in mutants)],
        "transcripts": transcripts(names, seed),
        "tests": list(tests),
    }
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "testbenches.trust.golden_trial"]
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
                say(f"survives: {mutant.file}:{mutant.line} {mutant.before} -> {mutant.after}")
    known = reasons("golden")
    cases: dict[str, Any] = {}
    for mutant, found in zip(mutants, killers, strict=True):
        case = cases.setdefault(mutant.file, {"mutants": 0, "killed": 0, "killed_by": Counter(), "survivors": []})
        case["mutants"] += 1
        if found:
            case["killed"] += 1
            case["killed_by"][found] += 1
        else:
            source = f"golden/ffpga_golden/{mutant.file}:{mutant.line}"
            case["survivors"].append(
                {"key": mutant.key, "sources": [source], "proved": False, "reason": known.get(mutant.key)}
            )
    return judged({"seed": seed, "cases": cases})
