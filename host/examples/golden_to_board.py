"""Train on this computer, deploy to a board, learn on there: `python golden_to_board.py serial:/dev/ttyUSB1`.

Without a target the virtual board is the board, which needs `pip install 'ffpga[sim]'`; `golden` needs nothing.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import ffpga

target = sys.argv[1] if len(sys.argv) > 1 else "sim"
data = ffpga.load_dataset("digits")
config = ffpga.NetworkConfig(features=data.features, classes=data.classes, layers=(64, 64), lanes=8)

# On this computer there is only half of the data.
half = replace(data, train_x=data.train_x[::2], train_y=data.train_y[::2])
with tempfile.TemporaryDirectory() as folder:
    checkpoint = Path(folder) / "checkpoint.npz"
    with ffpga.open("golden", config) as golden:
        trained = ffpga.train(golden, half, epochs=5, checkpoint=checkpoint)
    held = ffpga.load_checkpoint(checkpoint)
print(f"golden model: {100 * trained.accuracy:.2f} % after {held.epoch} epochs of {len(half.train_x)} samples")

with ffpga.open(target, config) as board:
    held.restore(board)  # weights and registers: the same bits there as here
    assert all((here == there).all() for here, there in zip(held.weights, board.read_weights(), strict=True))
    deployed = ffpga.evaluate(board, data)
    print(f"{target}: {100 * deployed:.2f} % with the same weights")
    assert deployed == trained.accuracy

    # The other half comes in where the board is. A smaller step keeps what was learned: u is a shift.
    board.write_register("learning_rate", held.registers["learning_rate"] + 1)
    before = board.counters()
    for x, label in zip(data.train_x[1::2], data.train_y[1::2].tolist(), strict=True):
        board.submit_sample(x)
        board.submit_pair(label)
    after = board.counters()
    clocks = (after["clocks"] - before["clocks"]) / (after["pairs"] - before["pairs"])
    print(f"{target}: {100 * ffpga.evaluate(board, data):.2f} % after learning on, {clocks:,.0f} clocks a pair")
