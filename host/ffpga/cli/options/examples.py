"""Examples that `--help` shows, command by command."""

#: For each command: what is typed after `ffpga`, and what it does.
EXAMPLES: dict[str, list[tuple[str, str]]] = {
    "train": [
        ("train --layers 64,64 --epochs 30", "the golden model on handwritten digits"),
        ("train --target sim --epochs 3 --wave build/steps.fst", "the simulated chip, its first steps recorded"),
        ("train --target serial:/dev/ttyUSB1 --data sensor.csv --out runs/sensor", "a board, on data of your own"),
        ("train --data motion.csv --label activity --group person --window 128", "a recording, split by person"),
    ],
    "report": [
        ("report runs/digits-64-64", "make a report again"),
        ("report runs/a runs/b --out runs/a-and-b.html", "two runs side by side"),
    ],
    "eval": [
        ("eval --checkpoint runs/demo/checkpoint.npz", "test what was trained"),
        ("eval --checkpoint runs/demo/checkpoint.npz --target serial:/dev/ttyUSB1", "deploy it to a board and test it"),
    ],
    "predict": [
        ("predict --checkpoint runs/sensor/checkpoint.npz --data new.csv --out said.csv", "label, runner-up, margin"),
    ],
    "verify": [
        ("verify --pairs 500", "the simulated chip against the golden model"),
        ("verify --target serial:/dev/ttyUSB1 --pairs 100", "a board against the golden model"),
    ],
    "selftest": [
        ("selftest --target serial:/dev/ttyUSB1", "is it the line, the memory, the clock?"),
        ("selftest --target sim --layers 8,8", "the same of the simulated chip"),
    ],
    "save": [
        ("save --target serial:/dev/ttyUSB1 --like runs/sensor/checkpoint.npz --out board.npz", "what it learned")
    ],
    "restore": [("restore --target serial:/dev/ttyUSB1 --checkpoint board.npz", "and back, after its power was off")],
    "export": [("export --checkpoint runs/demo/checkpoint.npz --out weights.npz", "float32 arrays, rows named")],
    "import": [("import --weights weights.npz --like runs/demo/checkpoint.npz --out mine.npz", "and back")],
    "wave": [
        ("wave", "the first training step, as a waveform"),
        ("wave --step 1000 --count 2 --picture build/wave/step.svg", "later ones, and a picture of the first of them"),
    ],
    "generate": [
        ("generate --features 20 --classes 4 --layers 32,32 --out build/mine.v", "a core of your own sizes"),
        ("generate --bus axi --features 20 --classes 4 --out build/axi.v", "the same for a processor: AXI, a C header"),
    ],
    "info": [
        ("info --checkpoint runs/demo/checkpoint.npz", "what a checkpoint holds"),
        ("info --target serial:/dev/ttyUSB1", "what a board is, and its registers and counters"),
    ],
    "synth": [
        ("synth --board icebreaker", "the board's own network"),
        ("synth --board ulx3s-85f --features 64 --layers 64,64 --lanes 16", "sizes of your own"),
    ],
    "synth-check": [("synth-check --board icebreaker", "has a board's design grown, or become slower?")],
    "flash": [("flash --board icebreaker", "write what `ffpga synth` made last")],
    "bench boards": [("bench boards --data mnist:DIR --samples 1000", "clocks and energy of every board's network")],
    "bench accuracy": [("bench accuracy --data mnist:DIR --seeds 1 --epochs 1", "a short form of the accuracy table")],
    "bench clocks": [("bench clocks --layers 64,64 --pairs 200", "where the clocks go, predicted and watched")],
    "bench early-stop": [("bench early-stop --layers 64,64", "inferences that end at a first layer that is sure")],
    "bench diagrams": [("bench diagrams --out build/diagrams", "the pictures of hw/README.md, made again")],
    "bench learning": [("bench learning runs/demo", "what the demo's chip learned, in one picture")],
    "bench pictures": [("bench pictures host/results", "pictures of stored figures, drawn again")],
    "bench simulation": [("bench simulation --data digits --layers 64,64", "the virtual board beside its bare model")],
    "bench golden": [("bench golden --data mnist:DIR", "the golden model beside the PyTorch library fflib")],
    "bench link": [("bench link --data mnist:DIR --samples 5000", "what the line takes, and when it is what limits")],
    "bench scaling": [("bench scaling --data mnist:DIR", "clocks and cells by lanes, width and depth")],
    "bench bus": [("bench bus --board ulx3s-25f", "what the core takes behind the byte link, and behind AXI")],
    "bench summary": [("bench summary --out runs/bench", "one table of what the others left")],
    "bench tasks": [
        ("bench tasks --data DIRECTORY --json tasks.json", "every file of a folder, and what others make of it"),
    ],
    "bench bits": [("bench bits --data mnist:DIR --seeds 1", "accuracy against the bits of an input, and bytes")],
    "bench anomalies": [("bench anomalies --data DIRECTORY --task segment", "half of the classes as what is normal")],
    "devices": [("devices", "which ports there are, and which boards answer there")],
    "field": [
        ("field --scenario shifted --epochs 10", "the sensor moves by a pixel, and the chip learns on"),
        ("field --scenario new-user --data motion.csv --group person", "people, and then new ones, one at a time"),
    ],
    "watch": [("watch --data motion.csv --window 64 --hop 8", "the beginning is normal; alarm where the rest is not")],
    "sweep": [("sweep --layers 32,32 --layers 64,64 --gate 0 --gate 32", "four configurations side by side")],
    "examples": [
        ("examples", "what there is"),
        ("examples own_csv --out mine", "one of them, to change"),
    ],
    "doctor": [("doctor", "what is installed, and what is missing for what")],
}


def epilog(command: str) -> str:
    """The examples of a command as the end of its help."""
    lines = [f"[cyan]ffpga {typed}[/]\n    [dim]{does}[/]" for typed, does in EXAMPLES[command]]
    return "\n\n".join(["Examples:", *lines])
