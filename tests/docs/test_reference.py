"""What the documents say of the code is so: tables of protocol, driver, API, registers; links; the board to port to."""

import re

import pytest
from commands import documents
from reference import CLASSES, ROOT, TABLES, register_rows

from ffpga_golden import NetworkConfig
from ffpga_hw.boards import table as boards
from ffpga_hw.flow.fit import check_fit
from ffpga_hw.flow.verilog import generate_top


@pytest.mark.parametrize(("path", "table"), [(path, table) for path, tables in TABLES.items() for table in tables])
def test_tables_are_made_from_the_code(path, table):
    assert table() in (ROOT / path).read_text(), f"the code has changed; put this into {path}:\n{table()}"


def test_the_registers_are_those_of_the_specification():
    text = (ROOT / "golden" / "README.md").read_text().partition("### Registers")[2].partition("###")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    said = {}
    for address, name, bits, reset, span, _ in rows[1:]:
        first, _, layered = address.partition(" + ")
        for layer in range(2 if layered else 1):
            key = f"{name.strip('`')}{layer if layered else ''}"
            value = str(CLASSES - 1) if reset == "classes - 1" else reset.split()[0].rstrip(";,")
            said[int(first) + layer] = (key, int(bits), value, span)
    found = register_rows()
    assert said.keys() == found.keys()
    for address, (name, bits, reset, low, high) in found.items():
        assert said[address][:2] == (name, bits)
        assert said[address][2] in (str(reset), "that")
        highest = {2**32 - 1: "2^32 - 1", CLASSES: "the classes", CLASSES - 1: "classes - 1"}.get(high, str(high))
        assert said[address][3].partition(" (")[0] == f"{low} to {highest}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", there.read_text(), re.MULTILINE)
            made = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
            assert anchor in made, (target, sorted(made))


def test_the_board_to_port_to_is_one():
    """The entry in `hw/porting.md`, as it stands, makes a design."""
    text = (ROOT / "hw" / "porting.md").read_text()
    (entry,) = re.findall(r"^    Board\(\n(?:    .*\n)+?    \)$", text, re.MULTILINE)
    made = eval(re.sub("^    ", "", entry, flags=re.MULTILINE), vars(boards))
    check_fit(made, made.preset)
    assert abs(made.clock_hz / made.divisor / made.baud - 1) < 0.02
    small = NetworkConfig(features=4, classes=2, layers=(4,), lanes=4, memory_ports=2)
    verilog = generate_top(made, small)
    assert "EHXPLLL" in verilog and re.search(r"module top\(.*\bled\b", verilog)
