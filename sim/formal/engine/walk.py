"""The walk over a layer's words: every listed row once a group, in order, then the bias, then the labels."""

from amaranth.hdl import Cat, Mux, Signal

from ffpga_golden import NetworkConfig
from ffpga_golden.dither import ROTATE
from ffpga_golden.timing import fetch_latency
from ffpga_hw.engine.control.walker import Walker
from ffpga_hw.engine.signatures.walk import Kind
from formal.prover.bench import Bench, one_hot
from formal.prover.broken import Broken
from formal.prover.proof import Proof
from formal.prover.sizes import small


def visits_once(b: Bench, config: NetworkConfig) -> None:
    """Beside the walker a count of the words that were issued: the n-th word of group k is what the walk says.

    A forward walk's list may grow while it is walked: by any number of entries a clock, up to its length.
    """
    m, dut = b.m, Walker(config=config)
    inside = b.inside(dut)
    start, busy, ready = b.free(1, "start"), b.free(1, "busy"), b.free(dut.ready.shape(), "ready")
    order, sizes, issued = dut.order, dut.sizes, dut.word
    ports = {
        "update": order.update, "labels": order.labels, "length": dut.lengths.list,  # in the end
        "base": sizes.base, "rows": sizes.rows, "groups": sizes.groups,
    }  # fmt: skip
    held = {name: b.held(port.shape(), dut.running, name) for name, port in ports.items()}
    update, groups, length, labels = held["update"], held["groups"], held["length"], held["labels"]
    grows, grew = Signal(), Signal()
    m.d.comb += grows.eq(~update & Mux(dut.running, grew & b.free(1, "goes_on"), b.free(1, "opens")))
    m.d.sync += grew.eq(grows)
    known = Signal.like(length)
    m.d.comb += known.eq(Mux(grows, b.free(length.shape(), "so_far"), length))
    b.drive(
        dut, order_start=start, order_update=update, order_labels=labels, order_open=grew, lengths_list=known,
        sizes_base=held["base"], sizes_rows=held["rows"], sizes_groups=groups, busy=busy, ready=ready,
    )  # fmt: skip
    # What the sequencer and the vector unit promise.
    b.given(~(start & dut.running))
    b.given(~dut.running | (ready >= b.before(ready)))
    b.given(~(busy & update))
    b.given((groups >= 1) & (groups <= max(config.groups)))
    b.given((length <= config.features) & (labels <= config.classes))
    written = b.before(known)
    b.given((known <= length) & (~dut.running | (known >= written)))
    b.given(~(start & grows) | (length <= max(config.layers)))

    word, group = Signal(range(config.features + config.classes + 2)), Signal.like(issued.group)
    base = Signal.like(sizes.base)
    last = Signal()
    m.d.comb += last.eq(word == length + labels)
    with m.If(start):
        m.d.sync += [word.eq(0), group.eq(0), base.eq(held["base"])]
    with m.Elif(issued.issue):
        m.d.sync += word.eq(word + 1)
        with m.If(last):
            m.d.sync += [word.eq(0), group.eq(group + 1), base.eq(base + held["rows"])]

    def issues(what: object) -> None:
        b.claim(~issued.issue | what)

    issues(dut.running & (group < groups) & (issued.group == group) & (issued.first == (word == 0)))
    issues(issued.kind == Mux(word < length, Kind.LIST, Mux(word == length, Kind.BIAS, Kind.LABEL)))
    issues((issued.kind != Kind.LIST) | ((issued.pointer == word) & (word < written)))
    issues((issued.kind != Kind.LABEL) | (issued.label == word - length - 1))
    issues(issued.turn == (group * (ROTATE * config.lanes))[:5])
    issues(~update | (ready > group))
    issues(update | (issued.kind != Kind.BIAS) | ~busy)
    if config.memory_ports == 1:
        issues(~update | ~b.before(issued.issue))
    late = fetch_latency(config)
    b.claim(~b.before(issued.issue, late) | (issued.base == b.before(base, late)))
    ends = b.before(dut.running) & ~dut.running
    b.claim(~ends | ((group == b.before(groups)) & (word == 0)))
    b.claim(~order.done | (update & dut.running & (group == groups)))
    _invariants(b, dut, inside, held, (word, group, base), (grew, written))

    walked = b.before(Cat(update, labels == 0, length == 2, groups == 2))
    b.witness(ends & (walked == 0b1111))
    b.witness(ends & (b.before(Cat(update, labels == 1, length == 0, groups == 2)) == 0b1110))
    b.witness(issued.issue & grew & (word == 3))
    b.witness(issued.issue & (issued.kind == Kind.BIAS) & (length == 0) & b.before(grew, 2))


def _invariants(b: Bench, dut: Walker, inside: object, held: dict, at: tuple, grown: tuple) -> None:
    """What each state of the walker means; claimed too, they lead the prover."""
    m = b.m
    (word, group, base), (grew, written) = at, grown
    update, groups, length, labels = held["update"], held["groups"], held["length"], held["labels"]
    issued, state = dut.word, {name: bit for name, bit in inside.machine._bits.items()}
    b.claim(one_hot(Cat(*state.values())))

    def means(name: str, *what: object) -> None:
        for one in what:
            b.claim(~state[name] | one)

    running = [
        inside.rows == held["rows"],
        inside.update == update,
        inside.labelled == (labels != 0),
        inside.empty == (written == 0),
        inside.direct == (update & (labels == 0)),
        inside.one_group == (groups == 1),
        inside.one_entry == (written == 1),
        inside.one_label == (labels == 1),
        inside.group_before == (groups - 2)[: len(inside.group_before)],
        inside.entry_before == (written - 2)[: len(inside.entry_before)],
        grew | (written == length),
        inside.label_before == (labels - 2)[: len(inside.label_before)],
    ]
    for one in running:
        b.claim(~dut.running | one)
    fresh = (
        (word == 0) & (group == 0) & (issued.group == 0) & (issued.pointer == 0) & (issued.label == 0) & issued.first
    )
    means("ENTER", fresh, issued.turn == 0, base == held["base"])
    turn = issued.turn == (issued.group * (ROTATE * inside.config.lanes))[:5]
    for name in ("LIST", "BIAS", "LABEL", "GAP"):
        means(name, issued.group < groups, inside.last_group == (issued.group == groups - 1), turn)
    for name in ("LIST", "BIAS", "LABEL"):
        means(name, issued.group == group, issued.first == (word == 0))
    for name in ("LIST", "BIAS", "LABEL", "GAP", "FLUSH"):
        means(name, ~grew)
    means("ENTER", ~grew | (length <= max(inside.config.layers)))
    means("FOLLOW", *(one == 0 for one in (group, issued.group, issued.label, issued.turn, update)))
    means("FOLLOW", issued.first == (word == 0), inside.last_group == (groups == 1), base == held["base"])
    means("FOLLOW", issued.pointer == word, word <= written, inside.there == (word != written), word <= length)
    means("FOLLOW", length <= max(inside.config.layers), inside.still | ~grew)
    means("LIST", issued.pointer == word, word < length, inside.last_entry == (word == length - 1), issued.label == 0)
    means("BIAS", word == length, issued.label == 0, (length != 0) | (issued.pointer == 0))
    means("LABEL", issued.label == word - length - 1, word > length, word <= length + labels)
    means("LABEL", inside.last_label == (issued.label == labels - 1))
    means("GAP", word == 0, group == issued.group + 1, ~issued.first, labels == 0, ~update)
    # The group's base, that of the words at hand; the walker's comes a few clocks later.
    prompt = Signal.like(base)
    with m.If(inside.enter):
        m.d.sync += prompt.eq(held["base"])
    with m.Elif(inside.advance):
        m.d.sync += prompt.eq(prompt + held["rows"])
    b.claim(issued.base == b.before(prompt, inside.late))
    for name in ("FOLLOW", "LIST", "BIAS", "LABEL"):
        means(name, base == prompt)
    means("GAP", base == (prompt + held["rows"])[: len(base)])
    means("FLUSH", word == 0, group == groups)


def proofs() -> list[Proof]:
    """For both kinds of memory."""
    found = []
    for ports in (1, 2):
        config = small(memory_ports=ports, classes=3, layers=(6, 4), features=1000)
        found.append(
            Proof(
                name=f"walk: {ports} port{'s' * (ports > 1)}",
                claim="each listed row is visited once a group, in order, then the bias, then the labels; of a list "
                "that grows meanwhile, after it was written",
                of=f"Walker, {ports}-port memory, up to 3 groups, 3 labels and 1,000 entries, any waits; lists that "
                "grow, up to 6 entries",
                bench=lambda b, config=config: visits_once(b, config),
                method="induction",
                depth=5,
                search=45,
                broken=[
                    Broken(Walker, "m.d.sync += last_entry.eq(one_entry)\n", "m.d.sync += last_entry.eq(0)\n"),
                    Broken(
                        Walker, "last_label.eq(word.label == label_before)", "last_label.eq(word.label == order.labels)"
                    ),
                    Broken(Walker, "self.ready <= word.group", "self.ready < word.group"),
                    Broken(
                        Walker,
                        "reached = Mux(onwards, _precedes(word.pointer[:known], length[:known]),",
                        "reached = Mux(0, 0,",
                    ),
                    Broken(Walker, "with m.If(~there & ~still)", "with m.If(~there)"),
                ],
            )
        )
    return found
