"""The golden model beside fflib, PyTorch's Forward-Forward library, and beside what the caches allow."""

import cProfile
import pstats
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden import initial_weights
from ffpga_golden.config import NetworkConfig
from ffpga_golden.layers import Layers
from ffpga_golden.network import Network
from ffpga_golden.recurrent import fastest_layers, network_of

from ...data.dataset import Dataset
from ...errors import FfpgaError
from ...markdown import sections, table
from ...training.loop import Progress
from ...training.options import TrainingOptions
from ...training.work import check_fit
from .alternate import Rates, Turn, alternate, spread
from .caches import cache_turns

#: Asked of the golden model: a multiple of fflib's rate in pairs, and inferences a second.
LEAST_RATIO, LEAST_INFERENCES = 3.0, 4000.0

#: Bytes of a weight in the golden model, of 8 bits or of 16.
WEIGHT_BYTES = 2

NUMPY, COMPILED = "golden, NumPy", "golden, compiled by Numba"
ADAM, SGD, HARDEST = "fflib, Adam", "fflib, plain gradient descent", "fflib, Adam, hardest wrong label"

#: What each contestant does of a pair, and of an inference.
DOES = {
    NUMPY: "scores 10 labels in layer 1 to find the hardest wrong one; 2 activities, update and counted clocks of each "
    "layer; inference: 10 labels in layer 1, the best 2 through all layers",
    COMPILED: "the same integers, a turn's pairs in one run",
    ADAM: "the wrong label is given; each layer: 2 forward passes, gradient, Adam, 2 forward passes for the "
    "next layer; inference: 10 labels through all layers",
    SGD: "the same, without Adam's moments",
    HARDEST: "the same with Adam, and 10 labels through all layers to find the hardest wrong one",
}


class Samples:
    """The next samples and labels of a data set in a fixed random order, round and round."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self._x, self._y = x, np.asarray(y)
        self._order = np.random.RandomState(0).permutation(len(y))
        self._at = 0

    def __call__(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        places = self._order[np.arange(self._at, self._at + count) % len(self._order)]
        self._at += count
        return self._x[places], self._y[places]


def golden_network(config: NetworkConfig, layers: type[Layers] | None) -> Network:
    """A golden network with initial weights and the default options."""
    network = network_of(config, layers)
    network.weights = initial_weights(config, 0)
    for name, value in TrainingOptions(epochs=5).registers(config).items():
        network.write_register(name, value)
    return network


def golden_turns(network: Network, data: Dataset, pairs: int, inferences: int) -> tuple[Turn, Turn]:
    """Turns of training and of inference of a golden network, a run each."""
    train, test = Samples(data.train_x, data.train_y), Samples(data.test_x, data.test_y)
    none = np.zeros(pairs, np.int64)

    def learn() -> float:
        network.train_run(*train(pairs), none, None, None)
        return pairs

    def infer() -> float:
        network.infer_run(test(inferences)[0])
        return inferences

    return learn, infer


def golden_forms() -> dict[str, type[Layers] | None]:
    """The forms of the golden model that there are here: its layers, or None where its steps are compiled."""
    compiled = fastest_layers() is not Layers
    return {NUMPY: Layers, **({COMPILED: None} if compiled else {})}


def fflib_turns(
    config: NetworkConfig, data: Dataset, pairs: int, inferences: int
) -> tuple[dict[str, Turn], dict[str, Turn], str]:
    """Turns of training and of inference of networks of fflib with the same layers, and the versions.

    A pair is `FFNet.run_train_combined` of one positive and one negative sample, made beforehand; an inference is
    `TryAllClasses.predict` of one sample. PyTorch is held to one thread.

    Raises
    ------
    FfpgaError
        fflib or PyTorch is not installed.
    """
    try:
        import torch
        from fflib.nn.ff_linear import FFLinear
        from fflib.nn.ff_net import FFNet
        from fflib.probes.one_hot import TryAllClasses
    except ImportError as error:
        raise FfpgaError(
            f"the comparison needs {error.name or error}: pip install 'ffpga[peers]' and pip install --no-deps "
            "fflib==0.3.0, or give --no-peers"
        ) from None
    from importlib.metadata import version

    torch.set_num_threads(1)
    inputs = [config.features + config.classes, *config.layers[:-1]]
    random = np.random.RandomState(0)

    def tensor(x: np.ndarray, y: np.ndarray) -> Any:
        """Samples as fflib's own loader makes them: pixels 0 to 1, and a label's one-hot code behind them."""
        return torch.tensor(np.hstack((x / np.float32(255), np.eye(config.classes, dtype=np.float32)[y])))

    held = min(2000, len(data.train_x))
    labels = data.train_y[:held]
    wrong = (labels + random.randint(1, config.classes, held)) % config.classes
    positive, negative = tensor(data.train_x[:held], labels), tensor(data.train_x[:held], wrong)
    plain = torch.tensor(data.test_x[:held] / np.float32(255))
    codes = torch.eye(config.classes)

    def network(optimizer: Any) -> tuple[Any, Any]:
        sizes = zip(inputs, config.layers, strict=True)
        net = FFNet([FFLinear(n, m, 2.0, 0.03, optimizer=optimizer) for n, m in sizes], None)
        return net, TryAllClasses(lambda x, y: net(torch.cat((x, y), 1)), config.classes)

    def learn(optimizer: Any, hardest: bool) -> Turn:
        net, probe = network(optimizer)
        at = 0

        def turn() -> float:
            nonlocal at
            for _ in range(pairs):
                one = slice(at % held, at % held + 1)
                other = negative[one]
                if hardest:
                    with torch.no_grad():
                        goodness = probe.class_goodness(positive[one, : config.features])
                        goodness[0, labels[at % held]] = -torch.inf
                        best = codes[goodness.argmax(1)]
                        other = torch.cat((positive[one, : config.features], best), 1)
                net.run_train_combined(positive[one], other)
                at += 1
            return pairs

        return turn

    def infer() -> Turn:
        _, probe = network(torch.optim.Adam)
        at = 0

        def turn() -> float:
            nonlocal at
            with torch.no_grad():
                for _ in range(inferences):
                    probe.predict(plain[at % len(plain)][None])
                    at += 1
            return inferences

        return turn

    training = {
        ADAM: learn(torch.optim.Adam, False),
        SGD: learn(torch.optim.SGD, False),
        HARDEST: learn(torch.optim.Adam, True),
    }
    return training, {ADAM: infer()}, f"fflib {version('fflib')}, PyTorch {torch.__version__}"


def measure(
    config: NetworkConfig,
    data: Dataset,
    *,
    turns: int = 15,
    pairs: int = 100,
    inferences: int = 100,
    peers: bool = True,
    progress: Progress = lambda stage, done, total: None,
) -> dict[str, Any]:
    """Rates of both golden forms and of fflib on one thread each, by its processor time, for JSON.

    Parameters
    ----------
    turns : int
        Of each contestant.
    pairs, inferences : int
        Of a turn.
    peers : bool
        Whether fflib is measured.
    """
    from threadpoolctl import threadpool_limits

    check_fit(config, data)
    training: dict[str, Turn] = {}
    inference: dict[str, Turn] = {}
    networks = {name: golden_network(config, layers) for name, layers in golden_forms().items()}
    for name, network in networks.items():
        training[name], inference[name] = golden_turns(network, data, pairs, inferences)
    versions = ""
    if peers:
        more, infer, versions = fflib_turns(config, data, pairs, inferences)
        training |= more
        inference |= infer

    def run(stage: str, contestants: dict[str, Turn]) -> Rates:
        return alternate(contestants, turns, on_turn=lambda done: progress(stage, done, turns))

    fastest = list(networks)[-1]
    size = WEIGHT_BYTES * config.weights
    caches = cache_turns(size) if fastest == COMPILED else {}
    with threadpool_limits(1):
        learned = run("pairs", {**training, **{f"caches, {name}": turn for name, turn in caches.items()}})
        touched = dict(networks[fastest].counters)
        inferred = run("inferences", inference)
    figures: dict[str, Any] = {
        "turns": turns,
        "pairs_a_turn": pairs,
        "inferences_a_turn": inferences,
        "peers": versions,
        "pairs_a_second": {name: learned.median(name) for name in training},
        "inferences_a_second": {name: inferred.median(name) for name in inference},
        "least_inferences": LEAST_INFERENCES,
        "inferences_reached": inferred.median(fastest) >= LEAST_INFERENCES,
        "does": {name: DOES[name] for name in training},
        "rates": {"pairs": learned.as_dict(), "inferences": inferred.as_dict()},
    }
    if caches:
        figures["limit"] = cache_limit(config, touched, learned)
    if peers:
        ratios = {name: {peer: learned.ratio(name, peer) for peer in more} for name in golden_forms()}
        figures |= {
            "ratios": ratios,
            "inference_ratios": {name: inferred.ratio(name, ADAM) for name in golden_forms()},
            "least_ratio": LEAST_RATIO,
            "ratio_reached": ratios[fastest][ADAM][0] >= LEAST_RATIO,
        }
    return figures


def cache_limit(config: NetworkConfig, counters: dict[str, int], rates: Rates) -> dict[str, Any]:
    """Pairs a second if a pair took the time that the caches need for its weights, and no more.

    Parameters
    ----------
    counters : dict
        Of a compiled network that did pairs.
    rates : Rates
        Of this network, and of `caches`.
    """
    words = {"read": counters["words_read"], "update": counters["words_updated"]}
    touched = {name: n * config.lanes * WEIGHT_BYTES / counters["pairs"] for name, n in words.items()}
    bandwidth = {name: rates.rates[f"caches, {name}"] for name in touched}
    limit = 1 / np.sum([touched[name] / bandwidth[name] for name in touched], axis=0)
    both = Rates({COMPILED: rates.rates[COMPILED], "limit": limit})
    return {
        "weights_bytes": WEIGHT_BYTES * config.weights,
        "bytes_a_pair": touched,
        "bytes_a_second": {name: rates.median(f"caches, {name}") for name in touched},
        "pairs_a_second": both.median("limit"),
        "share": both.ratio(COMPILED, "limit"),
    }


def profile(config: NetworkConfig, data: Dataset, layers: type[Layers], pairs: int = 2000) -> list[dict[str, Any]]:
    """Share of each Python function in the time of training pairs, the largest first.

    The profiler's own cost is in it, so functions that call many others look larger than they are.
    """
    learn, _ = golden_turns(golden_network(config, layers), data, pairs, 0)
    profiler = cProfile.Profile()
    profiler.runcall(learn)
    shares: dict[str, list[float]] = {}
    found: dict[tuple[str, int, str], Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    for (file, _, function), (_, calls, own, _, _) in found.items():
        path = Path(file)
        name = f"{path.stem}.{function}" if path.parent.name == "ffpga_golden" else "NumPy, Numba and Python"
        held = shares.setdefault(name, [0.0, 0])
        held[0] += own
        held[1] += calls
    total = sum(own for own, _ in shares.values())
    rows = [{"function": name, "share": own / total, "calls_a_pair": n / pairs} for name, (own, n) in shares.items()]
    return sorted(rows, key=lambda row: -row["share"])


def golden_table(figures: dict[str, Any]) -> str:
    """Rates and ratios as Markdown."""
    ratios = figures.get("ratios", {})
    head = ("contestant", "pairs/s", f"to {ADAM}", f"to {SGD}", f"to {HARDEST}", "inferences/s")
    lines = []
    for name, rate in figures["pairs_a_second"].items():
        against = ratios.get(name, {})
        inferences = figures["inferences_a_second"].get(name)
        lines.append(
            (
                name,
                f"{rate:,.0f}",
                *(spread(against[peer], 1) if peer in against else "" for peer in (ADAM, SGD, HARDEST)),
                "" if inferences is None else f"{inferences:,.0f}",
            )
        )
    return table(head, lines)


def limit_table(figures: dict[str, Any]) -> str:
    """The compiled form beside what the caches allow, as Markdown."""
    limit = figures["limit"]
    lines = [("the model's weights", f"{limit['weights_bytes'] / 1000:,.0f} KB")]
    for name, said in (("read", "read"), ("update", "read and written back")):
        bandwidth = f"at {limit['bytes_a_second'][name] / 1e9:,.1f} GB/s"
        lines.append((f"of them {said} in a pair", f"{limit['bytes_a_pair'][name] / 1000:,.0f} KB, {bandwidth}"))
    lines.append(("pairs/s that this allows", f"{limit['pairs_a_second']:,.0f}"))
    lines.append((f"{COMPILED}, of that", spread(limit["share"])))
    return table(("what", "figure"), lines)


def does_table(figures: dict[str, Any]) -> str:
    """What each contestant does, as Markdown."""
    return table(("contestant", "what it does of a pair"), list(figures["does"].items()))


def profile_table(rows: list[dict[str, Any]], most: int = 12) -> str:
    """The largest shares as Markdown."""
    lines = [
        (f"`{row['function']}`", f"{100 * row['share']:.0f} %", f"{row['calls_a_pair']:.1f}") for row in rows[:most]
    ]
    return table(("function", "share", "calls a pair"), lines)


def page(figures: dict[str, Any]) -> str:
    """What `ffpga bench golden` shows, as Markdown."""
    tables = {f"{figures['network']}, {figures['data']}": golden_table(figures)}
    tables[figures["peers"] or "What it does"] = does_table(figures)
    if "limit" in figures:
        tables["Limit of the caches"] = limit_table(figures)
    tables |= {f"Profile of training: {name}": profile_table(rows) for name, rows in figures["profiles"].items()}
    return sections(tables)
