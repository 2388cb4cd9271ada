"""Receptive fields of your own: corners, edges and the centre of scikit-learn's digits."""

import ffpga

data = ffpga.load_dataset("digits")  # 8 x 8 pixels: 4 x 4 tiles of 2 x 2, numbered row by row
corners = [(0, 1, 4, 5), (2, 3, 6, 7), (8, 9, 12, 13), (10, 11, 14, 15)]
edges = [(0, 1, 2, 3), (0, 4, 8, 12), (3, 7, 11, 15), (12, 13, 14, 15)]
centre = [(5, 6, 9, 10)]
own = ffpga.fields.Fields(tile=4, blocks=(*corners, *edges, *centre))
order = ffpga.fields.tile_order("8x8", 2)

config = ffpga.NetworkConfig(features=64, classes=10, layers=(72, 32), lanes=8, fields=(own, None))
with ffpga.open("golden", config, order=order) as chip:
    result = ffpga.train(chip, data, epochs=10)
    print(f"{config}: {100 * result.accuracy:.1f} % in {config.weight_bytes:,} bytes")

    # The weights of the first layer on the pixels as they come: 0 where a neuron does not see them.
    seen = chip.by_feature()[:64, 64:].any(axis=1).reshape(8, 8)
    print("what the last 8 neurons see:")
    print("\n".join("".join(".#"[pixel] for pixel in row) for row in seen.astype(int)))
