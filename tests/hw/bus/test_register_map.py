"""The one table of registers, and what is made of it: C, Verilog, the page in the repository."""

import re
import subprocess
from pathlib import Path

import pytest

from ffpga.fields import windows
from ffpga_golden import NetworkConfig
from ffpga_golden.config import MAX_LAYERS
from ffpga_hw.bus.register_map import ADDRESS_BITS, COUNTERS_AT, RUN_TIME_AT, register_map
from ffpga_hw.flow.generate import generate
from ffpga_hw.package.constants import constants
from ffpga_hw.package.headers import c_header, verilog_header
from ffpga_hw.package.markdown import markdown
from ffpga_sim.tools import find_compiler, find_program

FULL = NetworkConfig(features=64, classes=0, layers=(8,) * MAX_LAYERS, lanes=8, black_box=True)
LABELLED = NetworkConfig(features=64, classes=10, layers=(64, 64), lanes=8)
PAGE = Path(__file__).parents[3] / "hw" / "ffpga_hw" / "bus" / "registers.md"
FIELDS = (windows((8, 8), 2, 2, 2).fields, *[None] * (MAX_LAYERS - 1))
ALL = NetworkConfig(features=64, classes=10, layers=(64,) * MAX_LAYERS, lanes=8, black_box=True, fields=FIELDS)


@pytest.mark.parametrize("config", [FULL, LABELLED, ALL], ids=["full", "labelled", "all"])
def test_no_two_are_in_one_place(config):
    table = register_map(config)
    for of in (lambda r: r.address, lambda r: r.name):
        assert len({of(register) for register in table}) == len(table)
    for register in table:
        assert register.address % 4 == 0 and register.address < 1 << ADDRESS_BITS
        taken = 0
        for field in register.fields:
            bits = (1 << field.width) - 1 << field.low
            assert not taken & bits and bits < 1 << 32, (register.name, field.name)
            taken |= bits
    for first, kind in ((RUN_TIME_AT, r"[A-Z_]+[0-3]?"), (COUNTERS_AT, r"COUNT_[A-Z_]+")):
        inside = [r.name for r in table if first <= r.address < first + 64]
        assert inside and all(re.fullmatch(kind, name) and name not in ("SAMPLE", "ANSWER") for name in inside)
    assert all(r.name.startswith("COUNT_") == (COUNTERS_AT <= r.address < COUNTERS_AT + 64) for r in table)


@pytest.mark.parametrize("config", [FULL, LABELLED, ALL], ids=["full", "labelled", "all"])
def test_headers_say_the_table(config, tmp_path):
    """A program and a module print every constant."""
    expected = [constant.value for _, section in constants(config) for constant in section]
    names = [constant.name for _, section in constants(config) for constant in section]
    assert len(set(names)) == len(names) > 100
    offsets = {name.removesuffix("_OFFSET"): v for name, v in zip(names, expected, strict=True) if "_OFFSET" in name}
    assert offsets == {f"FFPGA_{register.name}": register.address for register in register_map(config)}

    (tmp_path / "r.h").write_text(c_header(config))
    says = "\n".join(f'printf("%lu\\n", (unsigned long) {name});' for name in names)
    (tmp_path / "c.cpp").write_text(f'#include "r.h"\n#include "r.h"\n#include <cstdio>\nint main() {{ {says} }}\n')
    flags = ["-Wall", "-Wextra", "-Werror", "-O0"]
    subprocess.run([find_compiler(), *flags, str(tmp_path / "c.cpp"), "-o", str(tmp_path / "c")], check=True)
    out = subprocess.run([str(tmp_path / "c")], check=True, capture_output=True, text=True).stdout
    assert [int(line) for line in out.split()] == expected

    (tmp_path / "r.vh").write_text(verilog_header(config))
    says = "\n".join(f'$display("%0d", `{name});' for name in names)
    text = f'`include "r.vh"\n`include "r.vh"\nmodule t; initial begin {says} end endmodule\n'
    (tmp_path / "t.v").write_text(text)
    vvp = str(tmp_path / "t.vvp")
    subprocess.run([find_program("iverilog"), "-g2005", f"-I{tmp_path}", "-o", vvp, str(tmp_path / "t.v")], check=True)
    out = subprocess.run([find_program("vvp"), "-n", vvp], check=True, capture_output=True, text=True).stdout
    assert [int(line) for line in out.split()] == expected


def test_the_page_in_the_repository_is_the_tables():
    assert PAGE.read_text() == markdown(ALL), "make it again, as bus/README.md says, and copy ffpga_registers.md"


def test_files_of_both_buses(tmp_path):
    config = NetworkConfig(features=4, classes=2, layers=(2,), lanes=1)
    made = {bus: generate(config, tmp_path / bus / "my core.v", bus) for bus in ("bytes", "axi")}
    assert list(made["bytes"]) == ["verilog", "configuration", "core", "litex"]
    assert list(made["axi"]) == [*made["bytes"], "header", "verilog_header", "registers"]
    for files in made.values():
        assert {path for path in files["verilog"].parent.iterdir()} == set(files.values())
        assert NetworkConfig.from_json(files["configuration"].read_text()) == config
        assert "name: ffpga:core:my_core:" in files["core"].read_text()
    assert made["axi"]["registers"].read_text() == markdown(config)
    text = made["axi"]["verilog"].read_text()
    for port in ("aclk", "aresetn", "s_axi_awaddr", "s_axi_rdata", "s_axis_tdata", "m_axis_tlast", "irq"):
        assert re.search(rf"(in|out)put (\[\d+:0\] )?{port};", text), port
    with pytest.raises(ValueError, match="bus must be one of bytes, axi, not 'wishbone'"):
        generate(config, tmp_path / "core.v", "wishbone")
