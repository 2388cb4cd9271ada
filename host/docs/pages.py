"""What the site's pages have that the Markdown has not: the reference, colours in listings, heads of stored tables."""

import inspect
import re
from typing import Any

from docutils import nodes

import ffpga
import ffpga.transformers

#: The parts of the reference, and what `import ffpga` gives in each.
PARTS = {
    "Data": ("load_dataset", "Dataset", "fields"),
    "Devices": ("NetworkConfig", "open_device", "Device", "StepResult", "Transport", "SerialTransport"),
    "Training": ("train", "TrainingOptions", "TrainingResult", "Epoch", "evaluate", "predict"),
    "Estimators": ("ForwardForwardClassifier", "ForwardForwardDetector"),
    "Weights in files": ("Checkpoint", "load_checkpoint", "weights_sha256"),
    "Beside the golden model": ("verify", "Verification", "Waveform"),
    "Errors": ("FfpgaError", "DeviceReset"),
}


def reference() -> str:
    """The reference as Markdown: a directive of autodoc for each name, `open` being `open_device`."""
    told = {name for names in PARTS.values() for name in names} | {"open"}
    assert told == set(ffpga.__all__), f"names without a part of the reference, or gone: {told ^ set(ffpga.__all__)}"
    lines = []
    for part, names in PARTS.items():
        lines += [f"## {part}", "", "```{eval-rst}"]
        lines += [directive for name in names for directive in _directive(name)]
        lines += ["```", ""]
    lines += ["## Transformers", "", "```{eval-rst}", ".. automodule:: ffpga.transformers", "   :members:", "```", ""]
    return "\n".join(lines)


def _directive(name: str) -> list[str]:
    thing = getattr(ffpga, name)
    if inspect.ismodule(thing):
        return [f".. automodule:: {thing.__name__}", "   :members:", ""]
    if inspect.isclass(thing):
        return [f".. autoclass:: ffpga.{name}", "   :members:", ""]
    return [f".. autofunction:: ffpga.{name}", ""]


def language(text: str) -> str:
    """What a listing is written in, by its looks: the documents indent listings and do not say it."""
    if re.search(r"^(import|from) \w+|^\w+ = \w|^\w+(\.\w+)*\(.*\)|^(Board|self)\b", text, re.MULTILINE):
        return "c" if re.search(r";$", text, re.MULTILINE) else "python"
    return "c" if re.search(r"[;{]$", text, re.MULTILINE) else "text"


def _read(app: Any, name: str, source: list[str]) -> None:
    if name == "host/docs/api":
        source[0] += f"\n{reference()}"
    elif name.startswith("host/results/"):
        source[0] = f"# Stored: {name.rpartition('/')[2]}\n\n{source[0]}"


def _colour(app: Any, tree: nodes.document) -> None:
    for block in tree.findall(nodes.literal_block):
        if block.get("language", "none") == "none":
            block["language"] = language(block.astext())


def setup(app: Any) -> dict[str, bool]:
    """What Sphinx calls."""
    app.connect("source-read", _read)
    app.connect("doctree-read", _colour)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
