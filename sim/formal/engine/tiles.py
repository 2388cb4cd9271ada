"""Receptive fields: each group walks every listed input of its field once, tile by tile in the order of the field."""

from itertools import product

from amaranth.hdl import Array, Cat, Mux, Signal, Value

from ffpga_golden import Fields, NetworkConfig
from ffpga_golden.timing import tile_latency
from ffpga_hw.engine.fields.lookup import TileLookup
from ffpga_hw.engine.fields.signatures import TileEntry
from ffpga_hw.engine.fields.walker import TileWalker
from ffpga_hw.engine.signatures.walk import Kind
from formal.prover.bench import Bench
from formal.prover.broken import Broken
from formal.prover.proof import Proof
from formal.prover.sizes import small


def _config(ports: int) -> NetworkConfig:
    """Two layers with fields: 2 blocks of a group, each of which sees 3 of 4 tiles; one of 2 groups that sees 2."""
    first, above = Fields(tile=2, blocks=((0, 1, 3), (1, 2, 3))), Fields(tile=2, blocks=((0, 1),))
    return small(features=8, layers=(4, 4), memory_ports=ports, fields=(first, above))


def finds_in_turn(b: Bench, config: NetworkConfig) -> None:
    """Whatever a list's tiles hold: the one that is found is the next one in the table that is to be stopped at.

    `cursor` counts the rows of the table that were looked up to the last tile taken.
    """
    m = b.m
    dut = TileLookup(config=config, entry=TileEntry(config, 4))
    following = dut.next
    take, rest = b.free(1, "take"), b.free(1, "rest")
    layer, length = b.held(1, ~rest, "layer"), b.fixed(4, "length")
    tiles = [(b.fixed(4, f"start{n}"), b.fixed(2, f"count{n}")) for n in range(4)]
    entry = Signal(6)
    b.drive(dut, layer=layer, length=length, next_take=take, next_rest=rest, next_walked=0, entry=entry)
    for start, count in tiles:
        b.given((count <= 2) & (start <= 8))
    b.given(length <= 8)
    with m.If(dut.go):
        m.d.sync += entry.eq(Array(Cat(*tile) for tile in tiles)[dut.tile])
    b.given((b.age(1) == 1) | rest)
    b.given(~(take & rest))
    taken = take & following.found

    # The table, as the configuration says it, and what of each tile is in the list.
    rows: list[tuple[Value, Value, Value, int, bool, bool]] = []
    bases = []
    for number, fields in enumerate(config.fields):
        bases.append(len(rows))
        repeat = config.groups[number] // len(fields.blocks)
        for block, group in product(range(len(fields.blocks)), range(repeat)):
            for place, tile in enumerate(fields.blocks[block]):
                start, count = tiles[tile]
                left, counts = Mux(start < length, length - start, 0), Signal(2, name=f"counts{len(rows)}")
                m.d.comb += counts.eq(Mux(left < count, left, count))
                rows.append((start, counts, count, place, place == fields.size - 1, block > 0 and group == 0))
    cursor, at, since = Signal(range(len(rows) + 1)), Signal(range(len(rows))), Signal(4)
    for row in reversed(range(len(rows))):
        with m.If((row >= cursor) & (rows[row][1].any() | rows[row][4])):
            m.d.comb += at.eq(row)
    late = 2 + tile_latency(config)
    with m.If(rest):
        m.d.sync += [cursor.eq(Mux(layer, bases[1], bases[0])), since.eq(0)]
    with m.Elif(taken):
        m.d.sync += [cursor.eq(at + 1), since.eq(late)]
    with m.Elif(~since.all()):
        m.d.sync += since.eq(since + 1)
    more = cursor < Mux(layer, len(rows), bases[1])
    b.given(~taken | more)  # behind the last group's last tile the walk ends
    # As soon as the tiles up to it can be looked up, one a clock.
    b.claim(~more | rest | (b.age(1) == 0) | (following.found == (since >= late + at - cursor)))
    for row, (start, counts, count, place, last, fresh) in enumerate(rows):
        is_this = (
            (following.start == start)
            & (following.count == count)
            & (following.none == (counts == 0))
            & ((counts == 0) | (following.one == (counts == 1)))
            & (following.place == place)
            & (following.last == last)
            & (following.fresh == fresh)
        )
        b.claim(~(following.found & more & (at == row)) | is_this | rest)
    b.witness(taken & ~layer & (at == bases[1] - 1))
    b.witness(taken & layer & (at == len(rows) - 1) & following.none)
    b.witness(take & ~following.found)


def walks_each_once(b: Bench, config: NetworkConfig) -> None:
    """Whatever tiles are found, and whenever: what is issued is each one's entries in turn, bias and labels behind.

    Beside the walker stands what is left of the tile that was taken last, and of its group.
    """
    m, dut = b.m, TileWalker(config=config)
    following, issued, order = dut.lengths, dut.word, dut.order
    start, busy, ready = b.free(1, "start"), b.free(1, "busy"), b.free(dut.ready.shape(), "ready")
    update, labels, groups = (
        b.held(len(port), dut.running, name)
        for port, name in ((order.update, "update"), (order.labels, "labels"), (dut.sizes.groups, "groups"))
    )
    found, none, one, last, fresh = (b.free(1, name) for name in ("found", "none", "one", "last", "fresh"))
    first, count, place = b.free(10, "first"), b.free(len(following.count), "count"), b.free(1, "place")
    b.drive(
        dut, order_start=start, order_update=update, order_labels=labels, sizes_groups=groups, busy=busy, ready=ready,
        lengths_fields=1, lengths_found=found, lengths_none=none, lengths_one=one, lengths_last=last,
        lengths_fresh=fresh, lengths_start=first, lengths_count=count, lengths_place=place,
    )  # fmt: skip
    # What the sequencer and the vector unit promise, and the look-up: what is found stays until it is taken.
    b.given(~(start & dut.running))
    b.given(~dut.running | (ready >= b.before(ready)))
    b.given(~(busy & update))
    b.given((groups >= 1) & (groups <= max(config.groups)) & (labels <= config.classes))
    b.given((count <= 2) & (none == (count == 0)) & (one == (count == 1)) & (~none | last))
    told, taken = Cat(found, none, one, last, fresh, first, count, place), following.take & found
    b.given(~b.before(found & ~following.take & ~following.rest) | (told == b.before(told)))

    left, pointer, at = Signal.like(count), Signal(10), Signal(1)
    group, ended, words = Signal.like(groups), Signal(), Signal()
    final, begins, biased, said = Signal(), Signal(), Signal(), Signal(range(config.classes + 1))
    lists, gone = issued.issue & (issued.kind == Kind.LIST), Signal()
    m.d.comb += gone.eq(final & (left == 0) & biased & (said == labels))  # the group is walked
    with m.If(issued.issue):
        m.d.sync += words.eq(1)
        with m.Switch(issued.kind):
            with m.Case(Kind.LIST):
                m.d.sync += [left.eq(left - 1), pointer.eq(pointer + 1)]
            with m.Case(Kind.BIAS):
                m.d.sync += biased.eq(1)
            with m.Case(Kind.LABEL):
                m.d.sync += said.eq(said + 1)
    now = Signal()  # with the word of this clock nothing of the group is left
    m.d.comb += now.eq(
        final & (left == 0) & Mux(issued.issue & (issued.kind == Kind.LABEL), said + 1 == labels, said == labels)
        & (biased | (issued.issue & (issued.kind == Kind.BIAS)))
    )  # fmt: skip
    with m.If(taken):
        m.d.sync += [left.eq(count), pointer.eq(first), at.eq(place), final.eq(last), begins.eq(fresh)]
        with m.If(now & ended):
            m.d.sync += [group.eq(group + 1), biased.eq(0), said.eq(0), words.eq(0)]
        m.d.sync += ended.eq(1)
    with m.If(start):
        m.d.sync += [left.eq(0), final.eq(0), ended.eq(0), group.eq(0), biased.eq(0), said.eq(0), words.eq(0)]

    # A tile is taken when nothing of the one before is left, and of its group if it was the last one.
    one_left = lists & (left == 1)
    b.claim(~following.take | (dut.running & ~following.rest))
    b.claim(~taken | ~ended | Mux(final, now, (left == 0) | one_left))
    b.claim(~issued.issue | (dut.running & ended & (issued.group == group) & (issued.first == ~words)))
    b.claim(~lists | ((left != 0) & (issued.pointer == pointer) & (following.walked == at)))
    b.claim(~issued.issue | (issued.fresh == begins))
    b.claim(~(issued.issue & (issued.kind == Kind.BIAS)) | (final & (left == 0) & ~biased & (update | ~busy)))
    b.claim(~(issued.issue & (issued.kind == Kind.LABEL)) | (biased & (said < labels) & (issued.label == said)))
    b.claim(~issued.issue | (issued.kind != Kind.ABOVE))
    b.claim(~(issued.issue & update) | (ready > group))
    ends = b.before(dut.running) & ~dut.running
    b.claim(~ends | (ended & b.before(gone & (group == groups - 1))))
    b.witness(ends & b.before(update & (labels == 0) & (groups == 2)))
    b.witness(ends & b.before(~update & (labels == 2) & (groups == 2)))
    b.witness(taken & none & ended & ~final)


def begins_no_block(b: Bench, config: NetworkConfig) -> None:
    """Whatever was walked before: where a layer has no fields no word begins a block."""
    dut = TileWalker(config=config)
    start = b.free(1, "start")
    fields = b.held(1, dut.running | b.before(start), "fields")  # known with the walk's start
    none, last = b.free(1, "none"), b.free(1, "last")
    b.given(~none | last)
    b.drive(dut, lengths_fields=fields, order_start=start, lengths_none=none, lengths_last=last)
    begins = dut.word.issue & dut.word.first
    b.claim(~dut.word.issue | fields | ~dut.word.fresh)
    b.witness(begins & fields & dut.word.fresh)
    b.witness(begins & ~fields)


def proofs() -> list[Proof]:
    """For both kinds of memory."""
    looked = [
        Proof(
            name=f"tiles: look-up, {ports} port{'s' * (ports > 1)}",
            claim="the tile that is found is the next one of the groups' fields that has entries in the list, or is "
            "its field's last one; as soon as the tiles up to it were looked up, one a clock",
            of=f"TileLookup, {ports}-port memory, two layers with fields of 3 and 2 tiles of 2, any list, any waits",
            bench=lambda b, ports=ports: finds_in_turn(b, _config(ports)),
            method="bounded",
            depth=22,
            search=22,
            broken=[
                Broken(TileLookup, "(last | ~none)", "~none"),
                Broken(TileLookup, "(entry.count == 0) | ~behind[-1]", "entry.count == 0"),
                Broken(TileLookup, "(entry.count == 1) | (behind == -1)", "entry.count == 1"),
                Broken(TileLookup, "following.rest | (known[-1] & last)", "following.rest"),
                Broken(TileLookup, "following.rest | (known[-1] & last)", "known[-1] & last"),
            ],
        )
        for ports in (1, 2)
    ]
    walked = [
        Proof(
            name=f"tiles: walk, {ports} port{'s' * (ports > 1)}",
            claim="each entry of a tile that was found is visited once, in order, before the next tile is taken; then, "
            "of a field's last tile, the bias and the labels",
            of=f"TileWalker, {ports}-port memory, up to 2 groups, 2 labels, tiles of up to 2 entries, any waits",
            bench=lambda b, ports=ports: walks_each_once(b, _config(ports)),
            quick=ports == 1,
            broken=[
                Broken(TileWalker, "self._left == 2", "self._left == 1"),
                Broken(TileWalker, "self._further.eq(~following.last)", "self._further.eq(1)"),
                Broken(TileWalker, "self._fields & ~self._last_follows", "self._fields"),
                Broken(TileWalker, "following.walked.eq(following.place)", "following.walked.eq(0)"),
                Broken(TileWalker, 'with m.If(self.lengths.none):\n                machine.go("BIAS")', "pass"),
            ],
        )
        for ports in (1, 2)
    ]
    plain = Proof(
        name="tiles: layers without",
        claim="a layer without fields begins no block, whichever layer was walked before",
        of="TileWalker, 1-port memory, any inputs, an empty tile only as a field's last one",
        bench=lambda b: begins_no_block(b, _config(1)),
        quick=True,
        broken=[Broken(TileWalker, "m.d.sync += self.word.fresh.eq(0)", "pass")],
    )
    return [*looked, *walked, plain]
