"""The stored figures of the boards' networks: the table itself, and what counts as worse. Nothing is placed here."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from ffpga.cli.app import app
from ffpga.cli.boards import check as cli_check
from ffpga.cli.boards import synth as cli_synth
from ffpga_hw.boards.table import BOARDS, board
from ffpga_hw.flow import stored
from ffpga_hw.flow.placement import TRIES

ULX3S = board("ulx3s-25f")
OWN = stored.BUILDS[ULX3S.name]
KEPT = {"seed": 3, "cells": 10_000, "bram": 35, "dsp": 16, "spram": 0, "fmax_mhz": 100.0}


def run_of(made, **changed) -> dict:
    """Figures as a run of `ffpga synth` leaves them."""
    return {"board": made.name, "configuration": json.loads(made.preset.to_json()), **KEPT, **changed}


def command(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def table(monkeypatch, tmp_path):
    """A table of the test's own: one board has figures."""
    path = tmp_path / "stored.json"
    path.write_text(json.dumps({**dict.fromkeys(stored.BUILDS), ULX3S.name: KEPT}))
    monkeypatch.setattr(stored, "PATH", path)
    return path


# The table ---------------------------------------------------------------------------------------------------------
def test_the_table_covers_every_board_and_build():
    assert list(stored.load()) == list(stored.BUILDS) == list(cli_check.BUILD_NAMES)
    assert list(stored.BUILDS)[: len(BOARDS)] == list(BOARDS)


@pytest.mark.parametrize("build", stored.BUILDS.values(), ids=lambda build: build.name)
def test_stored_figures_fit_the_chip_and_meet_the_clock(build):
    figures, made = stored.load()[build.name], build.board
    if figures is None:
        return  # the table says that there are none
    assert figures["fmax_mhz"] >= made.clock_hz / 1e6
    assert figures["dsp"] >= build.config.lanes
    for kind in ("cells", "bram", "dsp", "spram"):
        assert 0 <= figures[kind] <= getattr(made.chip, kind), kind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a table of figures"),
        ("{}", "must have icebreaker, "),
        (
            json.dumps({**dict.fromkeys(stored.BUILDS), "icebreaker": {"cells": 1}}),
            "must have seed, cells, .* of icebreaker",
        ),
        (
            json.dumps({**dict.fromkeys(stored.BUILDS), "icebreaker": {**KEPT, "x": 1}}),
            "must have seed, .* of icebreaker, or",
        ),
    ],
)
def test_a_table_that_is_none(tmp_path, text, message):
    (tmp_path / "stored.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        stored.load(tmp_path / "stored.json")


def test_the_default_seed_is_the_stored_one_for_the_boards_own_network_only(table):
    assert stored.default_seed(ULX3S, ULX3S.preset) == 3
    assert stored.default_seed(ULX3S, replace(ULX3S.preset, fields=())) == stored.SEED
    assert stored.default_seed(board("icebreaker"), board("icebreaker").preset) == stored.SEED
    other = stored.BUILDS["icebreaker-spi"]
    table.write_text(json.dumps({**stored.load(), other.name: KEPT}))
    assert stored.default_seed(other.board, other.config) == 3
    assert stored.default_seed(board("icebreaker"), other.config) == stored.SEED


@pytest.mark.parametrize(
    ("asked", "seed"),
    [
        ((), 3),
        (("--features", 64), 1),
        (("--lanes", 8), 1),
        (("--seed", 7), 7),
        (("--layers", "16,16", "--recurrent"), 1),
    ],
)
def test_synth_takes_the_stored_seed(monkeypatch, table, asked, seed):
    taken = []

    def make(made, config, folder, seed, *, tries=1):
        taken.append((seed, tries))
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_synth, "make_bitstream", make)
    assert command("synth", "--board", ULX3S.name, *asked)[0] == 130
    assert taken == [(seed, 1 if "--seed" in asked else TRIES)]


# The comparison ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "worse"),
    [
        ({}, None),
        ({"cells": 10_500, "fmax_mhz": 95.0}, None),
        ({"cells": 9_000, "bram": 30, "dsp": 15, "fmax_mhz": 120.0}, None),
        ({"cells": 10_501}, "ulx3s-25f: cells stored 10,000, found 10,501, +5.0 %"),
        ({"fmax_mhz": 94.99}, "ulx3s-25f: fmax_mhz stored 100.0, found 94.99, -5.0 %"),
        ({"bram": 36}, "ulx3s-25f: bram stored 35, found 36, +2.9 %"),
        ({"dsp": 17}, "ulx3s-25f: dsp stored 16, found 17, +6.2 %"),
        ({"spram": 1}, "ulx3s-25f: spram stored 0, found 1, +inf %"),
    ],
)
def test_what_is_worse(changed, worse):
    faults = stored.compare(OWN, KEPT, {**KEPT, **changed})
    assert [str(fault) for fault in faults] == ([] if worse is None else [worse])


def test_every_worse_figure_is_named():
    found = {"seed": 3, "cells": 20_000, "bram": 70, "dsp": 32, "spram": 4, "fmax_mhz": 50.0}
    assert [fault.figure for fault in stored.compare(OWN, KEPT, found)] == list(stored.STORED[1:])


def test_a_clock_within_the_tolerance_but_below_the_boards():
    (fault,) = stored.compare(OWN, {**KEPT, "fmax_mhz": 92.0}, {**KEPT, "fmax_mhz": 89.1})
    assert str(fault) == "ulx3s-25f: fmax_mhz clock 90.0, found 89.1, -1.0 %"


# Storing -----------------------------------------------------------------------------------------------------------
def test_stored_figures_come_back(table):
    made = stored.BUILDS["icebreaker"]
    stored.store(made, run_of(made.board, fmax_mhz=48.5, spram=4))
    assert stored.load() == {
        **dict.fromkeys(stored.BUILDS),
        ULX3S.name: KEPT,
        made.name: {**KEPT, "fmax_mhz": 48.5, "spram": 4},
    }
    assert len(table.read_text().splitlines()) == len(stored.BUILDS) + 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"line": "spi"}, "figures must be of the line uart, not spi, to be those of ulx3s-25f"),
        ({"fmax_mhz": 89.9}, "fmax_mhz must be at least 90, the clock of ulx3s-25f, to be stored, not 89.9"),
        ({"board": "icebreaker"}, "figures must be of ulx3s-25f, not icebreaker"),
        ({"target_mhz": 80.0}, "figures must be of 90 MHz, not 80, to be those of ulx3s-25f"),
        ({"configuration": {}}, "figures must be of the network of ulx3s-25f"),
    ],
)
def test_what_is_not_stored(table, changed, message):
    before = table.read_text()
    with pytest.raises(ValueError, match=message):
        stored.store(OWN, run_of(ULX3S, **changed))
    assert table.read_text() == before


MADE = {"bitstream_sha256": "ab" * 32, "tools": {"yosys": "Yosys 0.70"}}


def test_where_a_bitstream_comes_from_is_stored_with_it(table):
    stored.store(OWN, run_of(ULX3S, **MADE))
    assert stored.load()[ULX3S.name] == {**KEPT, **MADE}
    stored.store(OWN, run_of(ULX3S))
    assert stored.load()[ULX3S.name] == KEPT


@pytest.mark.parametrize(
    ("kept", "changed", "said"),
    [
        (MADE, {}, "fmax_mhz 100.0, the stored bitstream"),
        (MADE, {"tools": {"yosys": "Yosys 0.71"}}, "fmax_mhz 100.0, the stored bitstream"),
        (MADE, {"bitstream_sha256": "cd" * 32}, "another bitstream than the stored one, by the same tools"),
        (MADE, {"bitstream_sha256": "cd" * 32, "tools": {}}, "another bitstream than the stored one, by other tools"),
        ({}, {}, "fmax_mhz 100.0"),
    ],
)
def test_the_command_says_whether_it_is_the_stored_bitstream(table, tmp_path, kept, changed, said):
    table.write_text(json.dumps({**dict.fromkeys(stored.BUILDS), ULX3S.name: {**KEPT, **kept}}))
    (tmp_path / "figures.json").write_text(json.dumps(run_of(ULX3S, **{**MADE, **changed})))
    status, out, _ = command("synth-check", "--board", ULX3S.name, "--figures", tmp_path / "figures.json")
    assert status == 0 and out.endswith(f"{said}\n"), out


# The command -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("cells", "status"), [(10_400, 0), (12_000, 1)])
def test_the_command_compares_what_has_figures(monkeypatch, table, cells, status):
    asked = []

    def make(made, config, folder, seed):
        asked.append((made.name, config == made.preset, seed))
        return run_of(made, cells=cells)

    monkeypatch.setattr(cli_check, "make_bitstream", make)
    found, out, _ = command("synth-check")
    assert (found, asked) == (status, [(ULX3S.name, True, 3)]), out
    assert out.count("no figures stored") == len(stored.BUILDS) - 1
    assert ("worse ulx3s-25f: cells stored 10,000, found 12,000, +20.0 %" in out) == bool(status), out


def test_the_command_stores_a_run(table, tmp_path):
    made = board("ulx3s-45f")
    (tmp_path / "figures.json").write_text(json.dumps(run_of(made, seed=9)))
    figures = ("--board", made.name, "--figures", tmp_path / "figures.json")
    assert command("synth-check", "--store", *figures)[0] == 0
    assert stored.load()[made.name] == {**KEPT, "seed": 9}
    assert command("synth-check", *figures)[0] == 0
    (tmp_path / "figures.json").write_text(json.dumps(run_of(made, seed=8)))
    status, _, err = command("synth-check", *figures)
    assert status == 2 and "figures must be of seed 9, the stored one, not 8" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--store",), "--store needs a --board"),
        (("--seed", 2), "--seed needs a --board"),
        (("--board", "ulx3s-25f", "--seed", 2), "--seed needs --store"),
        (("--board", "de0"), "board must be one of"),
        (("--board", "icebreaker"), "icebreaker has no stored figures: make them with ffpga synth-check"),
        (("--board", "ulx3s-25f", "--figures", "absent.json"), "figures absent.json must be a file"),
        (("--board", "ulx3s-25f", "--figures", __file__), "must be JSON: take the figures.json of ffpga synth"),
    ],
)
def test_refused_on_one_line(table, arguments, message):
    status, out, err = command("synth-check", *arguments)
    assert status == 2 and err.startswith("ffpga: ") and err.count("\n") == 1 and message in err, (out, err)
