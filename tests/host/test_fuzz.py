"""Arbitrary bytes into the golden device, the driver, and everything that reads a file."""

import ast
import gzip
import json
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import ffpga
from ffpga import Device, FfpgaError, NetworkConfig, load_checkpoint, load_dataset
from ffpga.data.idx import read_idx
from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import Opcode, Status, answer_size, decode_frame
from testbenches.trust.fuzz.files import KINDS, MEMORY, FileFuzz
from testbenches.trust.fuzz.programs import CONFIG, TARGETS, fuzz_golden, said_to_device

#: The same examples in every run, and no clock: how fast the machine is does not matter.
FIXED = {"deadline": None, "derandomize": True, "database": None, "print_blob": True}
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60, **FIXED)
@given(data=st.binary(max_size=400))
def test_bytes_into_device_and_driver(name, data):
    TARGETS[name](data)


def test_programs_of_bytes_reach_the_commands():
    """Random bytes are mostly whole frames, execute training steps, and get through the driver now and then."""
    random = np.random.RandomState(1)
    programs = [random.bytes(300) for _ in range(150)]
    counted = [fuzz_golden(data) for data in programs]
    assert sum(count["whole"] for count in counted) > 1000
    assert sum(count["changed"] for count in counted) > 10
    through = [TARGETS["driver"](data) for data in programs]
    assert 0 < sum(through) < len(through)


class Careless(GoldenDevice):
    """Changes a weight when it hears a damaged frame."""

    def _refuse(self, status):
        super()._refuse(status)
        if status == Status.BAD_CRC:
            self.network.weights = [1 - w for w in self.network.weights]


def test_a_device_that_is_not_careful_is_found(monkeypatch):
    monkeypatch.setattr("testbenches.trust.fuzz.programs.GoldenDevice", Careless)
    with pytest.raises(AssertionError, match="weights were changed by"):
        fuzz_golden(bytes((0, 0, 1, 5, 1, 2, 3, 4, 0, 0)) * 5)


def test_noise_without_end_costs_neither_time_nor_memory():
    golden = GoldenDevice(CONFIG)
    tracemalloc.start()
    for _ in range(2000):
        golden.write(b"\x55" * 4096)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEMORY
    assert Device(golden, CONFIG).counters()["link_errors"] == 1


@pytest.mark.parametrize("config", [CONFIG, NetworkConfig(features=40, classes=0, layers=(40, 8), black_box=True)])
def test_the_size_of_every_answer_is_known(config):
    """What `answer_size` says is what a device answers, to every command."""
    golden = GoldenDevice(config)
    sample = Opcode.LOAD_SAMPLE, b"\x00"
    said = [sample, (Opcode.IDENTIFY, b"abcd"), (Opcode.READ_REGISTER, b"\x00"), (Opcode.WRITE_REGISTER, bytes(5))]
    said += [(Opcode.READ_WEIGHTS, bytes((0, 0, 0, 7))), (Opcode.WRITE_WEIGHTS, bytes(5)), (Opcode.INFER, b"")]
    said += [(Opcode.TRAIN_PHASE, b"\x00\x01"), (Opcode.COUNTERS, b"")]
    if config.classes:
        said += [(Opcode.TRAIN_PAIR, b"\x00\x01")]
    else:
        said += [(Opcode.LOAD_SAMPLE, b"\x01"), (Opcode.TRAIN_PAIR, b"\x00\x00")]
        said += [(Opcode.ACTIVITIES, b"\x00\x00"), (Opcode.ACTIVITIES, b"\x00\x01"), (Opcode.ACTIVITIES, b"\x01\x00")]
        said += [(Opcode.WRITE_TABLE, bytes(34)), (Opcode.READ_TABLE, bytes(2))]
    if config.few_bits:
        said += [(Opcode.LOAD_BITS, bytes((0x10, *bytes(config.features))))]
    for opcode, payload in said:
        status, answer = golden.execute(opcode, payload)
        assert status == Status.OK and len(answer) == answer_size(config, opcode, payload), Opcode(opcode).name
    assert {opcode for opcode, _ in said} == set(golden._commands)


def test_an_answer_of_the_wrong_size(config):
    golden = GoldenDevice(config)
    device = Device(golden)
    golden.execute = lambda opcode, payload: (Status.OK, b"abc")
    with pytest.raises(FfpgaError, match="answered INFER with 3 bytes, not 6: load a bitstream of this version"):
        device.infer()
    with pytest.raises(FfpgaError, match="answered COUNTERS with 3 bytes, not 36"):
        device.counters()


def test_a_configuration_that_there_cannot_be(config):
    golden = GoldenDevice(config)
    answer = golden.execute
    golden.execute = lambda *command: (Status.OK, answer(*command)[1][:5] + b"\xff" * 8)
    with pytest.raises(FfpgaError, match="the device says that it is what there cannot be"):
        Device(golden)


# Files -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, suppress_health_check=SLOW, **FIXED)
@given(data=st.binary(max_size=60))
def test_changed_files(kind, data, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / kind.replace(" ", "-")
    folder.mkdir(exist_ok=True)
    _fuzz(kind, folder)(data)


_FUZZ = {}


def _fuzz(kind, folder):
    """A reader of each kind, made once."""
    return _FUZZ.setdefault(kind, FileFuzz(kind, folder))


@pytest.mark.parametrize("kind", KINDS[:6])
def test_good_files_are_read(kind, tmp_path):
    fuzz = FileFuzz(kind, tmp_path)
    assert fuzz.read(fuzz._good)


KINDS_OF_NUMBERS = st.one_of(
    arrays_of.boolean_dtypes(), arrays_of.integer_dtypes(), arrays_of.floating_dtypes(),
    arrays_of.complex_number_dtypes(), arrays_of.unicode_string_dtypes(), arrays_of.byte_string_dtypes(),
    arrays_of.datetime64_dtypes(),
)  # fmt: skip
SHAPES = arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6)


@settings(max_examples=150, suppress_health_check=SLOW, **FIXED)
@given(x=arrays_of.arrays(KINDS_OF_NUMBERS, SHAPES), y=arrays_of.arrays(KINDS_OF_NUMBERS, SHAPES))
def test_arrays_of_any_kind(x, y, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any.npz"
    np.savez(path, x=x, y=y)
    try:
        data = load_dataset(str(path))
    except FfpgaError as error:
        assert path.stem in str(error) and "\n" not in str(error)
    else:
        assert data.train_x.dtype == np.uint8 and data.train_y.max() < data.classes


def npy(header: str, content: bytes = b"") -> bytes:
    """A `.npy` member with a header of one's own."""
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + content


def zipped(path: Path, method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


class Touch:
    """An object whose pickle makes a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_pickles_are_never_loaded(tmp_path):
    """Nor is anything imported that could."""
    mark = tmp_path / "executed"
    evil = pickle.dumps(Touch(mark))
    header = "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"
    for name in ("x", "config", "weights0"):
        path = zipped(tmp_path / f"{name}.npz", **{name: npy(header, evil), "y": npy(header, evil)})
        with pytest.raises(FfpgaError, match="holds Python objects"):
            load_dataset(str(path))
        with pytest.raises(FfpgaError, match="is no checkpoint"):
            load_checkpoint(path)
    (tmp_path / "raw.npz").write_bytes(evil)
    for read in (load_checkpoint, lambda path: load_dataset(str(path))):
        with pytest.raises(FfpgaError, match="is no"):
            read(tmp_path / "raw.npz")
    assert not mark.exists()
    for source in Path(ffpga.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
            assert not {"pickle", "marshal", "shelve", "joblib"} & set(names), source
            assert not (isinstance(node, ast.Attribute) and ast.unparse(node) in ("np.load", "numpy.load")), source


def peak_of(read, path, message) -> None:
    tracemalloc.start()
    with pytest.raises(FfpgaError, match=message):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEMORY, f"{peak:,}"


def test_sizes_are_checked_before_memory_is_taken(tmp_path):
    data = lambda path: load_dataset(str(path))  # noqa: E731
    huge = "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 1000000)}"
    nothing = "{'descr': '|V0', 'fortran_order': False, 'shape': (1000000, 1000000)}"
    said = r"x.npy is said to have 1,000,000,000,000 bytes, and has 5"
    peak_of(data, zipped(tmp_path / "a.npz", x=npy(huge, b"12345")), said)
    peak_of(load_checkpoint, zipped(tmp_path / "a.npz", config=npy(huge, b"1")), "config.npy is said to have")
    peak_of(data, zipped(tmp_path / "a.npz", x=npy(nothing)), "must hold x and y")
    peak_of(data, zipped(tmp_path / "a.npz", x=npy("(" * 9000)), "is no .npz file of plain arrays")
    bomb = zipped(tmp_path / "bomb.npz", config=bytes(300 << 20))
    assert bomb.stat().st_size < 1 << 20
    peak_of(load_checkpoint, bomb, "must hold at most 268,435,456 bytes, not 314,572,800: take a smaller one")
    peak_of(data, zipped(tmp_path / "lzma.npz", zipfile.ZIP_LZMA, x=b"123"), "x.npy must be stored or deflated")
    idx = b"\x00\x00\x08\x03" + struct.pack(">III", 60_000, 28, 28) + bytes(100)
    for name, content in (("plain", idx), ("packed", gzip.compress(idx))):
        (tmp_path / name).write_bytes(content)
        peak_of(lambda path: read_idx(path, 3), tmp_path / name, "is truncated: 116 bytes, its header says 47040016")
    (tmp_path / "wide").write_bytes(b"\x00\x00\x08\x03" + b"\xff" * 12)
    peak_of(lambda path: read_idx(path, 3), tmp_path / "wide", "must hold at most 2,147,483,648 bytes, its header says")
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(idx[:4] + struct.pack(">III", 1, 1, 1) + bytes(100 << 20)))
    peak_of(lambda path: read_idx(path, 3), tmp_path / "bomb.gz", "is too long, its header says 17 bytes")
    (tmp_path / "wide.csv").write_text(",".join(["1"] * 20_000) + "\n" + "1\n" * 20_000)
    peak_of(data, tmp_path / "wide.csv", "must have at most 1000 feature columns, not 19999: choose or pool some")


def test_a_text_file_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr("ffpga.data.delimited.CSV_MAX", 10)
    (tmp_path / "a.csv").write_text("1,2,0\n3,4,1\n")
    with pytest.raises(FfpgaError, match=r"a.csv must have at most 10 bytes, not 12: write it with numpy.savez"):
        load_dataset(str(tmp_path / "a.csv"))


@pytest.mark.parametrize(
    "change",
    [
        {"weight_bits": 8.0}, {"memory_ports": True}, {"layers": "64"}, {"layers": [4.0]}, {"layers": []},
        {"features": 1e400}, {"lanes": None}, {"depth": 1}, {"classes": [2]}, {"black_box": 1},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_configuration(change):
    with pytest.raises(ValueError, match=r"must be|unexpected"):
        NetworkConfig.from_json(json.dumps({**json.loads(CONFIG.to_json()), **change}))


def test_a_configuration_nested_too_deep():
    with pytest.raises(ValueError, match="a configuration must be the JSON object that `to_json` writes"):
        NetworkConfig.from_json("[" * 100_000)


def test_programs_end_frames_as_a_line_does():
    """Every piece has at most one delimiter, at its end: what a device answers can be told apart."""
    random = np.random.RandomState(2)
    said = [piece for _ in range(50) for piece in said_to_device(random.bytes(200), CONFIG)]
    assert all(piece.count(b"\0") == piece.endswith(b"\0") for piece in said)
    decoded = [decode_frame(piece[:-1]) for piece in said]
    assert {one[1] for one in decoded if one is not None} >= set(Opcode)
