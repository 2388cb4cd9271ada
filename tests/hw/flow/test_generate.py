"""The generated Verilog as text, and what a simulator other than ours may make of it."""

import json
import re
import shutil
import subprocess

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.flow import tools
from ffpga_hw.flow.generate import generate
from ffpga_hw.flow.verilog import generate_verilog

from .elsewhere import run_elsewhere

CONFIG = NetworkConfig(features=9, classes=3, layers=(5, 3), lanes=1)


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """The Verilog of a core, generated into a folder that was not there."""
    path = tmp_path_factory.mktemp("generated") / "new" / "core.v"
    made = generate(CONFIG, path)
    assert (made["verilog"], made["configuration"]) == (path, path.with_name("core.json"))
    return path


def test_files(core, tmp_path_factory):
    verilog, described = core, core.with_name("core.json")
    assert NetworkConfig.from_json(described.read_text()) == CONFIG
    assert json.loads(described.read_text())["layers"] == [5, 3]
    text = verilog.read_text()
    assert text == generate_verilog(CONFIG), "the same configuration must give the same text"
    assert "module ffpga(" in text and "`include" not in text and "$readmem" not in text
    for port in ("clk", "rst", "i_payload", "i_valid", "i_ready", "o_payload", "o_valid", "o_ready"):
        assert f"put {port};" in text or f"put [7:0] {port};" in text
    assert not re.search(r"always @\*\n", text), "a process of one assignment may never run"
    assert str(tmp_path_factory.getbasetemp()) not in text and ".py" not in text


def test_files_are_the_same_elsewhere(core, tmp_path):
    code = """
import sys
from pathlib import Path
from ffpga_golden import NetworkConfig
from ffpga_hw.flow.generate import generate
generate(NetworkConfig.from_json(Path(sys.argv[1]).read_text()), Path("core.v"))
"""
    other = run_elsewhere(tmp_path, code, core.with_name("core.json"))
    there = {path.name: path.read_bytes() for path in other.iterdir()}
    assert there == {path.name: path.read_bytes() for path in core.parent.iterdir()} and len(there) == 4


@pytest.mark.parametrize("generation", ["2005", "2009", "2012"])
def test_constants_hold_from_time_0_in_every_generation_of_verilog(tmp_path, core, generation):
    """IDENTIFY says the configuration, whose bytes are constants of a combinational process."""
    from ffpga_golden.protocol import DELIMITER, VERSION, Opcode, decode_frame, encode_frame, pack_config

    frame = encode_frame(1, Opcode.IDENTIFY, b"abcd")
    offers = "".join(f"payload = {byte}; while (!ready) @(negedge clk); @(negedge clk);\n" for byte in frame)
    bench = f"""module bench;
        reg clk = 0, rst = 1, valid = 0; reg [7:0] payload = 0;
        wire ready, said; wire [7:0] byte_out;
        ffpga chip(.clk(clk), .rst(rst), .i_payload(payload), .i_valid(valid), .i_ready(ready),
                   .o_payload(byte_out), .o_valid(said), .o_ready(1'b1));
        always #1 clk = ~clk;
        always @(posedge clk) if (said) $write("%02x", byte_out);
        initial begin
            repeat (4) @(negedge clk); rst = 0; @(negedge clk); valid = 1;
            {offers} valid = 0; repeat (800) @(negedge clk); $finish;
        end
    endmodule"""
    (tmp_path / "bench.v").write_text(bench)
    compiled = tmp_path / "bench.vvp"
    sources = [str(core), str(tmp_path / "bench.v")]
    subprocess.run([shutil.which("iverilog"), f"-g{generation}", "-o", str(compiled), *sources], check=True)
    out = subprocess.run([shutil.which("vvp"), "-n", str(compiled)], check=True, capture_output=True, text=True).stdout
    answer = bytes.fromhex(out.split()[0])
    assert answer.endswith(DELIMITER)
    assert decode_frame(answer[:-1]) == (1, 0, b"abcd" + bytes((VERSION,)) + pack_config(CONFIG))


BOX = {"black_box": True, "classes": 0, "weight_bits": 16}


@pytest.mark.parametrize(
    ("sizes", "bus"),
    [
        ({}, "bytes"),
        (BOX, "axi"),
        pytest.param({}, "axi", marks=pytest.mark.all),
        pytest.param(BOX, "bytes", marks=pytest.mark.all),
    ],
    ids=["plain-bytes", "box-axi", "plain-axi", "box-bytes"],
)
def test_yosys_reads_it_without_a_flow(tmp_path, sizes, bus):
    """A user's own script of few passes; a bit with a first value that nothing drives would stop it."""
    config = NetworkConfig(**{"features": 9, "classes": 3, "layers": (5, 3), "lanes": 1, **sizes})
    (tmp_path / "ffpga.v").write_text(generate_verilog(config, bus=bus))
    said = tools.run("yosys", ["-p", "read_verilog ffpga.v; hierarchy -check; proc; opt; stat"], tmp_path)
    assert re.search(r"^=== ffpga\S*\.engine ===$", said, re.MULTILINE), said[-500:]
    assert "Warning" not in said, [line for line in said.splitlines() if "Warning" in line]
