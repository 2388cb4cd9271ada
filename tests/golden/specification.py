"""The specification of `golden/README.md`, written out a second time with Python's integers.

Nothing of `ffpga_golden` calculates here: what the page does not say would be missing.
"""

import math


class Specification:
    """A network as the page has it; `w[layer][row][neuron]`, rows in its order."""

    def __init__(self, config, weights, registers) -> None:
        self.c, self.w, self.r = config, [w.tolist() for w in weights], dict(registers)
        self.s = self.r["seed"] | 1
        self.p = -1 if self.r["polarity"] else 1
        self.limit = 127 if config.weight_bits == 8 else 8191
        rate = self.r["learning_rate"]
        self.u = (16 if rate & 16 and config.weight_bits == 8 else 8) + rate % 8

    def step(self) -> int:
        s = self.s
        s ^= (s << 13) % 2**32
        s ^= s >> 17
        s ^= (s << 5) % 2**32
        self.s = s
        return s

    def bias(self, layer: int) -> int:
        return len(self.w[layer]) - 1

    def label(self, label: int) -> int:
        return self.bias(0) - self.c.classes + label

    def fields(self, layer: int):
        return self.c.fields[layer] if self.c.fields else None

    def blocks(self, layer: int) -> list[range]:
        """The neurons of each block."""
        width = self.c.layers[layer]
        size = width // len(self.fields(layer).blocks) if self.fields(layer) else width
        return [range(start, start + size) for start in range(0, width, size)]

    def rows(self, layer: int, block: int, x) -> list[tuple[int, int]]:
        """What a block sees of a list: row and input."""
        if fields := self.fields(layer):
            tile = fields.tile
            x = [x[number * tile + place] for number in fields.blocks[block] for place in range(tile)]
        return [(row, value) for row, value in enumerate(x) if value]

    def activities(self, layer: int, x, labels=()) -> list[int]:
        s = (8 if layer == 0 else 5) + (6 if self.c.weight_bits == 16 else 0)
        out = []
        for block, neurons in enumerate(self.blocks(layer)):
            rows = [*self.rows(layer, block, x), *labels, (self.bias(layer), 255)]
            for j in neurons:
                z = sum(value * self.w[layer][row][j] for row, value in rows)
                out.append(min(4095, (max(z, 0) + 2 ** (s - 1)) >> s))
        return out

    def labelled(self, x, label: int) -> list[int]:
        return self.activities(0, x, [(self.label(label), 255)])

    def square(self, y) -> int:
        return sum(value * value for value in y)

    def normalise(self, y) -> list[int]:
        total = self.square(y)
        if not total:
            return [0] * len(y)
        q = 0
        while 4 ** (q + 1) <= total:
            q += 1
        i = 32 * total // 4**q
        root = 32 * math.sqrt(len(y))
        a = math.floor(math.log2(root))
        m = min(255, math.floor(128 * (root / 2**a) / math.sqrt((i + 0.5) / 32) + 0.5))
        e = q + 10 - a
        return [min(255, (8 * m * value + (2**e >> 1)) >> e) for value in y]

    def probability(self, layer: int, margin: int) -> int:
        d = min(127, max(-128, margin >> self.r[f"temperature{layer}"]))
        c = math.floor(255 / (1 + math.exp(d / 16)) + 0.5)
        return 0 if c < self.r["update_gate"] else c

    def update(self, layer: int, parts, c: int) -> None:
        """`parts`: a list, further rows with their inputs, and d; each row takes a step of the generator."""
        b = 23 if self.u >= 16 else 15
        for block, neurons in enumerate(self.blocks(layer)):
            for seen, further, d in parts:
                for row, x in [*self.rows(layer, block, seen), *further]:
                    s = 0 if self.r["rounding"] else self.step()
                    for j in neurons:
                        turn = 4 * j % 32
                        word = (s << turn | s >> 32 - turn) % 2**32
                        dither = 2 ** (self.u - 1) if self.r["rounding"] else (word >> b - self.u) % 2**self.u
                        g = (c * d[j] + 16) >> 5
                        new = self.w[layer][row][j] + ((x * g + dither) >> self.u)
                        self.w[layer][row][j] = max(-self.limit, min(self.limit, new))

    def hardest(self, x, out) -> int:
        goodness = {n: self.p * self.square(self.labelled(x, n)) for n in range(self.c.classes) if n not in out}
        return min(goodness, key=lambda n: (-goodness[n], n))

    def wrong(self, x, label: int, host: int) -> int:
        classes = self.c.classes
        match self.r["negative_policy"]:
            case 0:
                return self.hardest(x, self.others(label, self.step() if self.few() else 0))
            case 1:
                return (label + 1 + ((self.step() >> 24) * (classes - 1) >> 8)) % classes
            case 2:
                return host
        tosses = self.step()
        others = self.others(label, tosses)
        out = others | {n for n in range(classes) if tosses >> n & 1}
        return self.hardest(x, out if len(out) < classes else others)

    def few(self) -> bool:
        return self.r.get("contenders", 99) < self.c.classes - 1

    def others(self, label: int, r: int) -> set[int]:
        """The labels that do not contend, the true one among them."""
        classes = self.c.classes
        if not self.few():
            return {label}
        f = (r >> 24) * (classes - 1) >> 8
        contend = {(label + 1 + (f + i) % (classes - 1)) % classes for i in range(max(1, self.r["contenders"]))}
        return set(range(classes)) - contend

    def contrast(self, x, label: int, host: int, other=None):
        entries, depth, wrong = [], self.c.depth, 255
        pos, neg = x, x if other is None else other
        nothing = [0] * self.c.features
        for layer in range(depth):
            first = layer == 0 and self.c.classes
            if first:
                wrong = self.wrong(x, label, host)
                y = self.labelled(x, label), self.labelled(x, wrong)
            else:
                y = self.activities(layer, pos), self.activities(layer, neg)
            squares = [self.square(one) for one in y]
            c = self.probability(layer, self.p * (squares[0] - squares[1]))
            entries += [(squares[0], c), (squares[1], c)]
            up, down = [self.p * v for v in y[0]], [-self.p * v for v in y[1]]
            bias = (self.bias(layer), 255)
            if c and first:
                both = [a + b for a, b in zip(up, down, strict=True)]
                true, false = ([(self.label(n), 255)] for n in (label, wrong))
                self.update(0, [(x, [bias], both), (nothing, true, up), (nothing, false, down)], c)
            elif c:
                self.update(layer, [(pos, [bias], up)], c)
                self.update(layer, [(neg, [bias], down)], c)
            pos, neg = self.normalise(y[0]), self.normalise(y[1])
        return entries, wrong

    def phase(self, x, label: int, negative: bool):
        entries, used = [], label if self.c.classes else 255
        sign = -self.p if negative else self.p
        for layer in range(self.c.depth):
            first = layer == 0 and self.c.classes
            if first:
                used = self.wrong(x, label, label) if negative else label
                y = self.labelled(x, used)
            else:
                y = self.activities(layer, x)
            total = self.square(y)
            c = self.probability(layer, sign * (total - self.r[f"threshold{layer}"]))
            entries.append((total, c))
            further = [(self.bias(layer), 255), *([(self.label(used), 255)] if first else [])]
            if c:
                self.update(layer, [(x, further, [sign * value for value in y])], c)
            x = self.normalise(y)
        return entries, used

    def pair(self, x, label: int, host: int, other=None):
        if not self.r["objective"]:
            return self.contrast(x, label, host, other)
        first, _ = self.phase(x, label, False)
        wrong = host if self.r["negative_policy"] == 2 else label
        second, used = self.phase(x if other is None else other, wrong, True)
        return first + second, used

    def infer(self, x):
        sums = {}
        if self.c.classes:
            starts = {n: self.labelled(x, n) for n in range(self.c.classes)}
        else:
            starts = {255: self.activities(0, x)}
        order = sorted(starts, key=lambda n: (-self.p * self.square(starts[n]), n))
        shortlist = self.r["shortlist"]
        for n in order[:shortlist]:
            y = starts[n]
            sums[n] = self.square(y)
            for layer in range(1, self.c.depth if shortlist > 1 or not self.c.classes else 1):
                y = self.activities(layer, self.normalise(y))
                sums[n] += self.square(y)
        best = min(sums, key=lambda n: (-self.p * sums[n], n))
        return best, sums[best]
