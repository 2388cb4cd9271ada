"""The commands in the documents: found in the Markdown, and made short enough to be run."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: What a command begins with.
PROGRAMS = ("ffpga", "make", "python", ".venv/bin/python", "pip")
#: Documents are these, and their neighbours.
FOLDERS = ("golden", "hw", "sim", "host", "tests")


@dataclass(frozen=True)
class Found:
    """A command and where it stands."""

    text: str
    document: str


def documents() -> list[Path]:
    """All Markdown that users read; tables that commands wrote are none."""
    found = [ROOT / "README.md"]
    for folder in FOLDERS:
        found += sorted((ROOT / folder).rglob("*.md"))
    return [path for path in found if "results" not in path.parts]


def found_in(text: str) -> list[str]:
    """Commands of a document: in blocks that are indented or fenced, and in code spans.

    In a list of commands two spaces or more part a command from what it does.
    """
    blocks = re.findall(r"(?:^|\n\n)((?:    .*\n?)+)", text)
    blocks += re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [
        re.split(r" {2,}", line.strip())[0] for block in blocks for line in re.sub(r" \\\n +", " ", block).splitlines()
    ]
    prose = re.sub(
        r"(?:^|\n\n)((?:    .*\n?)+)", "\n\n", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    )
    lines += [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", prose)]
    return [line for line in lines if re.match(rf"({'|'.join(map(re.escape, PROGRAMS))})( |$)", line)]


def all_commands() -> list[Found]:
    """Every command of every document, each once a document."""
    found = []
    for path in documents():
        name = str(path.relative_to(ROOT))
        found += [Found(text, name) for text in dict.fromkeys(found_in(path.read_text()))]
    return found


#: What is put for parts of commands, in all of them: so `--data mnist:DIR` becomes a folder of a few made images, and
#: whatever trains does so for a moment. `{mnist}`, `{csv}`, `{runs}` and `{out}` are places of the test's own.
SHORTER = (
    (r"mnist:DIR(ECTORY)?\b", "mnist:{mnist}"),
    (r"serial:\S+", "golden"),
    (r"--target sim\b", "--target golden"),
    (r"--layers [\d,]+( --layers [\d,]+)*", "--layers 8,8"),
    (r"--lanes \d+( --lanes \d+)*", "--lanes 8"),
    (r"--epochs \d+", "--epochs 1"),
    (r"--pairs \d+", "--pairs 8"),
    (r"--tests \d+", "--tests 8"),
    (r"--seeds \d+", "--seeds 1"),
    (r"--gate \d+( --gate \d+)*", "--gate 32"),
    (r"build/|runs/", "{out}/"),
)

#: What is run in place of a command, before `SHORTER`: the rest of its name, options added, or another command.
#: A command that is only named (`ffpga train`) is asked for its help and needs no line here.
SHORT = {
    # named only, with an argument that stands for something
    "ffpga --help": "ffpga --help",
    "ffpga report RUN": "ffpga report {runs}/a",
    "ffpga report RUN RUN ...": "ffpga report {runs}/a {runs}/b --out {out}/both.html",
    # the guides: their tables are made, and a board is the golden model; test_walks.py goes through them in order
    "ffpga train --target golden --data sensor.csv": "ffpga train --target golden --data {csv} --layers 8,8 --epochs 1 "
        "--out {out}/sensor",
    "ffpga train --target golden --data sensor.csv --layers 32,32 --out runs/sensor":
        "ffpga train --target golden --data {csv} --layers 8,8 --epochs 1 --out {out}/sensor",
    "ffpga train --target serial:/dev/ttyUSB1 --data sensor.csv --out runs/board":
        "ffpga train --target golden --data {csv} --layers 8,8 --epochs 1 --out {out}/board",
    "ffpga train --target serial:/dev/ttyUSB1 --data mnist:DIR --epochs 1": "+ --layers 8,8 --out {out}/mnist-board",
    "ffpga train --target golden --data digits --layers 64,64 --epochs 30": "+ --data {csv} --out {out}/first",
    "ffpga eval --target serial:/dev/ttyUSB1 --checkpoint runs/sensor/checkpoint.npz --data sensor.csv":
        "ffpga eval --target golden --checkpoint {runs}/a/checkpoint.npz --data {data}/square.npz",
    "ffpga eval --checkpoint runs/demo/checkpoint.npz":
        "ffpga eval --checkpoint {runs}/a/checkpoint.npz --data {data}/square.npz",
    "ffpga restore --target serial:/dev/ttyUSB1 --checkpoint board.npz":
        "ffpga restore --target golden --checkpoint {runs}/a/checkpoint.npz",
    "ffpga predict --target serial:/dev/ttyUSB1 --checkpoint board.npz --data new.csv --out said.csv":
        "ffpga predict --target golden --checkpoint {runs}/a/checkpoint.npz --data {data}/square.npz "
        "--out {out}/said-board.csv",
    "ffpga selftest --target serial:/dev/ttyUSB1 --clock 48":
        "ffpga selftest --target golden --layers 8,8 --steps 5 --clock 48",
    "ffpga selftest --target serial:/dev/ttyUSB1 --clock 54":
        "ffpga selftest --target golden --layers 8,8 --steps 5 --clock 54",
    "ffpga selftest --target serial:/dev/ttyUSB0 --clock 90":
        "ffpga selftest --target golden --layers 8,8 --steps 5 --clock 90",
    # shorter than their options alone make them
    "ffpga train --data mnist:DIR --layers 128,128 --epochs 5": "+ --out {out}/mnist",
    "ffpga train --data mnist:DIR --layers 200 --fields 4,3,1": "ffpga train --data mnist:{mnist} --layers 200 "
        "--fields 4,3,1 --epochs 1 --out {out}/fields",
    "ffpga train --black-box --table staircase": "+ --layers 8,8 --epochs 1 --data {csv} --out {out}/box",
    "ffpga train --target serial:/dev/ttyUSB0 --data digits --epochs 10":
        "+ --layers 8,8 --data {csv} --out {out}/board",
    "ffpga train --data motion.csv --label activity --group person --window 128 --features spectrum":
        "ffpga train --data {data}/motion.csv --label activity --group person --window 16 --features spectrum "
        "--layers 8,8 --epochs 1 --out {out}/motion",
    "ffpga predict --checkpoint runs/motion-64-64/checkpoint.npz --data new.csv --out said.csv":
        "ffpga predict --checkpoint {runs}/a/checkpoint.npz --data {data}/square.npz --out {out}/said.csv",
    "ffpga restore --target serial:/dev/ttyUSB0 --checkpoint board.npz":
        "ffpga restore --target golden --checkpoint {runs}/a/checkpoint.npz",
    "ffpga export --checkpoint C --out W.npz": "ffpga export --checkpoint {runs}/a/checkpoint.npz --out {out}/w.npz",
    "ffpga predict --checkpoint C --data FILE":
        "ffpga predict --checkpoint {runs}/a/checkpoint.npz --data {data}/square.npz",
    "ffpga train --resume": "+ --layers 8,8 --epochs 1 --data {csv} --out {out}/resumed",
    "ffpga train --recurrent": "+ --layers 8,8 --epochs 1 --data {csv} --out {out}/recurrent",
    "ffpga train --data mnist:DIR --layers 128,128 --recurrent --epochs 5": "+ --out {out}/recurrent-mnist",
    "ffpga verify --target serial:/dev/ttyUSB0 --data digits --pairs 200": "+ --layers 8,8 --tests 8",
    "ffpga verify --data mnist:DIR --layers 200,32 --fields 4,3,1 --pairs 60000 --tests 10000":
        "ffpga verify --target golden --data mnist:{mnist} --layers 200,32 --fields 4,3,1 --pairs 8 --tests 8",
    "ffpga info --target serial:/dev/ttyUSB0": "+",
    "ffpga selftest --target serial:/dev/ttyUSB1": "+ --layers 8,8 --steps 5",
    "ffpga generate --features 64 --classes 10 --layers 64,64 --lanes 8 --out build/ffpga.v": "+",
    "ffpga generate --bus axi --features 16 --classes 2 --layers 16 --lanes 8 --out build/own_top/ffpga.v": "+",
    "ffpga generate --bus axi --layers 64,64,64,64 --black-box --shape 8x8 --fields 2,2,2 "
    "--out build/registers/ffpga.v":
        "ffpga generate --bus axi --layers 32,8,8,8 --black-box --shape 8x8 --fields 2,2,2 "
        "--out {out}/registers/ffpga.v",
    "ffpga generate --bus axi": "+ --layers 8,8 --out {out}/axi/ffpga.v",
    "ffpga field --data digits": "+ --layers 8,8 --epochs 1 --samples 60 --tests 20 --pairs 5 --out {out}/field",
    "ffpga watch --data motion.csv --window 64 --hop 8 --false-alarms 0.01":
        "ffpga watch --data {data}/motion.csv --label activity --group person --window 16 --hop 2 --layers 8 "
        "--epochs 1 --out {out}/watch",
    "ffpga field --scenario new-user --data DIR/hapt.npz --group user --features spectrum --unit 4096 --held-out 0.334 "
    "--epochs 20":
        "ffpga field --scenario new-user --data {data}/motion.csv --label activity --group person --window 8 --hop 2 "
        "--features spectrum --layers 8 --epochs 1",
    "ffpga bench tasks --data DIRECTORY --json FILE":
        "ffpga bench tasks --data {data} --only sensor --layers 8 --seeds 1 --epochs 1 --out {out}/tasks",
    "ffpga bench bits --data mnist:DIR --tasks DIRECTORY --json FILE":
        "ffpga bench bits --data mnist:{mnist} --seeds 1 --epochs 1 --out {out}/bits",
    "ffpga bench anomalies --data DIRECTORY":
        "ffpga bench anomalies --data {data} --task sensor --layers 8 --epochs 1 --seeds 1 --out {out}/anomalies",
    "ffpga sweep --layers 64,64 --epochs 30 --seeds 8": "+ --data {csv} --workers 1 --out {out}/sweep",
    "ffpga sweep --layers 32,32 --layers 64,64 --lanes 8 --lanes 16 --gate 0 --gate 32 --epochs 5 --seeds 3":
        "ffpga sweep --data {csv} --gate 0 --gate 32 --epochs 1 --layers 8,8 --seeds 1 --workers 1 --out {out}/sweep",
    "ffpga sweep --layers 16,16 --layers 32,32 --layers 64,64 --layers 128,128 --layers 64 --layers 128 "
    "--layers 64,64,64 --weight-bits 8 --weight-bits 16 --gate 0 --gate 32 --epochs 10 --seeds 3":
        "+ --data {csv} --workers 1 --out {out}/sweep",
    "ffpga sweep --data mnist:DIR --layers 200 --fields 4,3,1 --rate 16 --gate 0 --gate 64 --epochs 10 --seeds 3":
        "ffpga sweep --data mnist:{mnist} --layers 200 --fields 4,3,1 --rate 16 --gate 64 --epochs 1 --seeds 1 "
        "--workers 1 --out {out}/sweep-fields",
    "ffpga train --target golden --data mnist:DIR --layers 200,32 --fields 4,3,1 --epochs 60 --shift 1":
        "ffpga train --target golden --data mnist:{mnist} --layers 200,32 --fields 4,3,1 --epochs 1 "
        "--shift 1 --out {out}/front",
    "ffpga train --target golden --data mnist:DIR --layers 600,32 --fields 4,3,1 --epochs 120 --distort 1":
        "ffpga train --target golden --data mnist:{mnist} --layers 200,32 --fields 4,3,1 --epochs 1 "
        "--distort 1 --out {out}/distorted",
    "ffpga sweep --data digits --layers 64,64 --epochs 60 --distort 0 --distort 0.5 --distort 1 --seeds 4":
        "ffpga sweep --data {data}/square.npz --layers 8,8 --epochs 1 --distort 0.5 --seeds 1 --workers 1 "
        "--out {out}/sweep-distorted",
    "ffpga info --features 784 --layers 128,128": "+",
    "ffpga bench accuracy --data mnist:DIR":
        "+ --group main --only 64-64 --seeds 1 --epochs 1 --jobs 1 --out {out}/accuracy",
    "ffpga bench accuracy --data mnist:DIR --group fields --group grid":
        "ffpga bench accuracy --data mnist:{mnist} --group fields --only '144 fields 4,3,2' --epochs 1 --jobs 1 "
        "--out {out}/fields-accuracy",
    "ffpga bench accuracy --data mnist:DIR --group contenders":
        "+ --only 'contenders 1' --epochs 1 --jobs 1 --out {out}/contenders",
    "ffpga bench accuracy --group phases":
        "+ --data mnist:{mnist} --only 'blocks of 100' --seeds 1 --epochs 1 --jobs 1 --out {out}/phases",
    "ffpga bench boards --data mnist:DIRECTORY --samples 12000 --tests 1000":
        "ffpga bench boards --data mnist:{mnist} --tests 8 --epochs 1 --samples 20 --board icebreaker",
    "ffpga bench clocks --data mnist:DIRECTORY --layers 200,32 --fields 4,3,1 --memory-ports 1 --pairs 500 --tests 500":
        "ffpga bench clocks --data mnist:{mnist} --layers 200 --fields 4,3,1 --no-measure --epochs 1 --pairs 5 "
        "--tests 5 --memory-ports 1 --out {out}/clocks-fields",
    "ffpga bench early-stop --data mnist:DIR": "+ --layers 8,8 --epochs 1 --seeds 1",
    "ffpga bench golden --data mnist:DIR": "+ --no-peers --layers 8,8 --turns 1 --pairs 5 --out {out}/bench",
    # the Python and the options of make, and what would change the machine
    "ffpga --install-completion": "ffpga --show-completion bash",
    "pip install --no-deps fflib==0.3.0": "+",
    "python hw/examples/litex/soc.py": "python -m py_compile hw/examples/litex/soc.py",  # run in sim/axi
    ".venv/bin/python host/c/network.py runs/demo/checkpoint.npz build/network.h":
        ".venv/bin/python host/c/network.py {runs}/a/checkpoint.npz {out}/network.h",
}  # fmt: skip

#: Commands that are not run but read: their options are parsed and their values checked. Each with the reason.
READ = {
    "ffpga wave --step 1000": "it builds a board that records; sim/wave/test_recordings.py runs it on a small one",
    "ffpga wave --step 1000 --count 2 --epochs 30 --picture build/wave/pair.svg": "the same",
    "ffpga verify --target sim --pairs 10 --wave build/step.fst --wave-steps 5:6": "the same",
    "ffpga bench simulation --data mnist:DIR": "it builds the UP5K's core; host/bench/test_speed.py has its parts",
    "ffpga bench simulation --data mnist:DIRECTORY --flags": "the same",
    "ffpga bench link --data mnist:DIR": "the same",
    "ffpga bench scaling --data mnist:DIR --pairs 2000": "it trains forty networks, and packs four cores",
    "ffpga bench scaling --data mnist:DIRECTORY": "the same, with and without fields",
    "ffpga synth --board my-board": "place and route take minutes; hw/flow/test_synth_command.py has it in pieces",
    "ffpga synth --board NAME": "the same",
    "ffpga synth --board NAME --few-bits": "the same",
    "ffpga synth --board icebreaker --out build/board": "the same",
    "ffpga synth --board icebreaker --features 65 --classes 3 --layers 32,32 --out build/board": "the same",
    "ffpga synth --board icebreaker --features 65 --classes 3 --layers 32,32 --out build/sensor": "the same",
    "ffpga synth --board tangnano9k --out build/board": "the same",
    "ffpga synth --board ulx3s-25f --out build/board": "the same",
    "ffpga synth --board NAME --line spi": "the same",
    "ffpga synth --board icebreaker": "the same",
    "ffpga synth-check --board my-board --store": "the same",
    "ffpga synth-check --board NAME --store [--seed N]": "the same",
    "ffpga synth-check --board NAME --store --figures build/synth/NAME-.../figures.json": "the same",
    "ffpga flash --board my-board": "there is no board",
    "ffpga flash --board icebreaker --bitstream build/board/top.bin": "there is no board",
    "ffpga flash --board icebreaker --bitstream build/sensor/top.bin": "there is no board",
    "ffpga flash --board tangnano9k --bitstream build/board/top.fs": "there is no board",
    "ffpga flash --board ulx3s-25f --bitstream build/board/top.bit": "there is no board",
    "ffpga save --target serial:/dev/ttyUSB0 --like runs/a/checkpoint.npz --out board.npz": "there is no board",
    "ffpga save --target serial:/dev/ttyUSB1 --like runs/board/checkpoint.npz --out board.npz": "test_walks.py has one",
    "ffpga import --weights W.npz --like C --out D.npz": "it reads what another wrote: host/cli/test_weights.py",
}


def same(text: str) -> str:
    """A command as the tables have it: one name for a folder of MNIST."""
    return text.replace("mnist:DIRECTORY", "mnist:DIR")


def shortened(text: str) -> str | None:
    """What is run for a command; None where no table has it."""
    table = {same(key): value for key, value in SHORT.items()}
    if same(text) not in table:
        return None
    said = table[same(text)]
    if said.startswith("+"):
        text = _shorter(text) + said[1:]
    else:
        text = said
    return text


def _shorter(text: str) -> str:
    for pattern, replacement in SHORTER:
        text = re.sub(pattern, replacement, text)
    return text


def read_only(text: str) -> bool:
    """Whether a command is read and not run."""
    return same(text) in {same(key) for key in READ}


def words(text: str) -> list[str]:
    """Its words, without what stands in square brackets for the reader's choice."""
    return shlex.split(re.sub(r" \[.*?\]", "", text))
