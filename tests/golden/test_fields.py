"""Receptive fields: what is accepted and refused, and how a device and a file tell them."""

import json
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest

from ffpga_golden import Fields, NetworkConfig
from ffpga_golden.protocol import fields_tag, pack_config, unpack_config

#: Of 16 inputs: blocks that overlap, tile 2 that nobody sees.
OVERLAP = Fields(tile=4, blocks=((0, 1), (1, 3)))
#: Of 16 inputs again.
PAIRS = Fields(tile=2, blocks=((0, 7), (1, 6)))
GOOD = {"features": 16, "classes": 5, "layers": (16, 32), "lanes": 4, "fields": (OVERLAP, PAIRS)}


# What is accepted ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"tile": 3}, ValueError, "a tile must hold 1, 2, 4, 8 ... inputs, not 3"),
        ({"tile": 0}, ValueError, "a tile must hold 1, 2, 4, 8 ... inputs, not 0"),
        ({"tile": -4}, ValueError, "a tile must hold 1, 2, 4, 8 ... inputs, not -4"),
        ({"tile": 4.0}, TypeError, "a tile must be a number of inputs, not 4.0"),
        ({"tile": True}, TypeError, "a tile must be a number of inputs, not True"),
        ({"blocks": 3}, TypeError, "blocks must be a sequence of sequences of tiles, not 3"),
        ({"blocks": "01"}, TypeError, "blocks must be a sequence of sequences of tiles, not '01'"),
        ({"blocks": ((0, 1), 2)}, TypeError, "a block must be a sequence of tiles, not 2"),
        ({"blocks": ("01",)}, TypeError, "a block's tiles must be integers, not '0'"),
        ({"blocks": ()}, ValueError, "fields must have a block, not none"),
        ({"blocks": ((0, 1.0),)}, TypeError, "a block's tiles must be integers, not 1.0"),
        ({"blocks": ((False, 1),)}, TypeError, "a block's tiles must be integers, not False"),
        ({"blocks": ((0,), ())}, ValueError, "a block must see at least one tile, 0 and up, in ascending"),
        ({"blocks": ((-1, 0),)}, ValueError, "at least one tile, 0 and up, in ascending order, not [-1, 0]"),
        ({"blocks": ((),)}, ValueError, "at least one tile, 0 and up, in ascending order, not []"),
        ({"blocks": ((1, 0),)}, ValueError, "at least one tile, 0 and up, in ascending order, not [1, 0]"),
        ({"blocks": ((0, 1, 1),)}, ValueError, "at least one tile, 0 and up, in ascending order, not [0, 1, 1]"),
        ({"blocks": ((0, 1), (2,))}, ValueError, "every block must see as many tiles as the first, 2, not [2]"),
        ({"blocks": ((0,), (1, 2))}, ValueError, "every block must see as many tiles as the first, 1, not [1, 2]"),
    ],
)  # fmt: skip
def test_fields_refuse(change, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Fields(**{"tile": 4, "blocks": ((0, 1), (1, 3)), **change})


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"fields": OVERLAP}, TypeError, "fields must be a sequence, one entry a layer, not Fields(tile=4"),
        ({"fields": 4}, TypeError, "fields must be a sequence, one entry a layer, not 4"),
        ({"fields": "ab"}, TypeError, "fields must be a sequence, one entry a layer, not 'ab'"),
        ({"fields": (OVERLAP,)}, ValueError, "fields must have an entry for each of the 2 layers, not 1"),
        ({"fields": (None, None, PAIRS)}, ValueError, "fields must have an entry for each of the 2 layers, not 3"),
        ({"fields": (OVERLAP, 4)}, TypeError, "fields must hold Fields or None, not 4"),
        ({"fields": (OVERLAP, 0)}, TypeError, "fields must hold Fields or None, not 0"),
        ({"fields": (0, 0)}, TypeError, "fields must hold Fields or None, not 0"),
        ({"recurrent": True}, ValueError, "recurrent must be False with receptive fields: its layers are fully"),
        ({"features": 18}, ValueError, "a tile must divide the 18 inputs of layer 1, not 4"),
        ({"features": 12}, ValueError, "a field of layer 1 must see tiles 0 to 2, not 3"),
        ({"layers": (8, 32)}, ValueError, "a field of layer 2 must see tiles 0 to 3, not 7"),
        (
            {"fields": (Fields(tile=1, blocks=((0, 1 << 70),)), None)},
            ValueError,
            f"a field of layer 1 must see tiles 0 to 15, not {1 << 70}",
        ),
        ({"fields": (None, Fields(tile=32, blocks=((0,),)))}, ValueError, "divide the 16 inputs of layer 2, not 32"),
        (
            {"layers": (20, 32), "fields": (OVERLAP, None)},
            ValueError,
            "the neurons of layer 1 must be shared out over 2 fields in multiples of 4 lanes, not 20: take 24",
        ),
        (
            {"layers": (16, 40), "lanes": 8, "fields": (None, Fields(tile=1, blocks=((0,), (1,), (2,))))},
            ValueError,
            "the neurons of layer 2 must be shared out over 3 fields in multiples of 8 lanes, not 40: take 48",
        ),
        (
            {"lanes": 2, "fields": (None, Fields(tile=1, blocks=((0,), (1,), (2,))))},
            ValueError,
            "the neurons of layer 2 must be shared out over 3 fields in multiples of 2 lanes, not 32: take 36",
        ),
    ],
)
def test_a_configuration_refuses(change, error, message):
    with pytest.raises(error, match=re.escape(message)):
        NetworkConfig(**{**GOOD, **change})


@pytest.mark.parametrize("none", [(), (None, None), [None, None]])
def test_no_fields_are_said_in_one_way(none):
    config = NetworkConfig(**{**GOOD, "fields": none})
    assert config.fields == ()
    assert config == NetworkConfig(features=16, classes=5, layers=(16, 32), lanes=4)
    assert (config.fields_of(1), config.seen(1), config.blocks(1)) == (None, 16, 1)


def test_what_is_accepted_at_the_bounds():
    one = Fields(tile=16, blocks=([0] for _ in range(4)))
    assert one.blocks == ((0,),) * 4, "any sequences"
    config = NetworkConfig(**{**GOOD, "fields": [one, Fields(tile=1, blocks=(range(16),))]})
    assert [config.blocks(layer) for layer in range(2)] == [4, 1]
    assert [config.seen(layer) for layer in range(2)] == [16, 16]


def test_inputs_of_a_block():
    assert (OVERLAP.size, OVERLAP.seen) == (2, 8)
    assert OVERLAP.inputs(0).tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert OVERLAP.inputs(1).tolist() == [4, 5, 6, 7, 12, 13, 14, 15]
    assert PAIRS.inputs(1).tolist() == [2, 3, 12, 13]
    assert Fields(tile=1, blocks=((2, 5),)).inputs(0).tolist() == [2, 5]


def test_derived_sizes():
    config = NetworkConfig(**GOOD)
    assert [config.seen(layer) for layer in range(2)] == [8, 4]
    assert [config.inputs(layer) for layer in range(2)] == [16, 16]
    assert [config.rows(layer) for layer in range(2)] == [8 + 5 + 1, 4 + 1]
    assert (config.first_label, config.bias_row(0), config.bias_row(1)) == (8, 13, 4)
    assert (config.base(1), config.words, config.weights) == (14 * 4, 14 * 4 + 5 * 8, 14 * 16 + 5 * 32)
    assert config.sum_bits == (10 * 255 * 127).bit_length() + 1
    assert "layer 1 in 2 fields of 8 inputs, layer 2 in 2 fields of 4 inputs" in str(config)
    assert "layer 1" not in str(replace(config, fields=(None, PAIRS)))


def test_fields_let_a_layer_grow_beyond_what_its_full_connections_would_take():
    wide = {"features": 512, "classes": 0, "layers": (1024,), "lanes": 4}
    with pytest.raises(ValueError, match="weights must fit 65,536 words"):
        NetworkConfig(**wide)
    assert NetworkConfig(**wide, fields=(Fields(tile=128, blocks=((0,), (3,))),)).words == 129 * 256


# How it is told ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fields", [(OVERLAP, PAIRS), (OVERLAP, None), (None, PAIRS), ()])
def test_round_trips(fields):
    config = NetworkConfig(**{**GOOD, "fields": fields})
    again = NetworkConfig.from_json(config.to_json())
    assert again == config and hash(again) == hash(config)
    assert unpack_config(pack_config(config), config.fields) == config
    assert len(pack_config(config)) == 8 + 2 * 2 + (4 if fields else 0)
    assert pack_config(config)[6] == (4 if fields else 0)


def test_fields_in_json():
    text = NetworkConfig(**{**GOOD, "fields": (None, PAIRS)}).to_json()
    assert json.loads(text)["fields"] == [None, {"tile": 2, "blocks": [[0, 7], [1, 6]]}]
    older = {key: value for key, value in json.loads(text).items() if key != "fields"}
    assert NetworkConfig.from_json(json.dumps(older)).fields == ()


@pytest.mark.parametrize(
    "fields",
    [
        3,
        [3],
        [0, 0],
        ["ab", None],
        [{"tile": 2}, None],
        [{"tile": 2, "blocks": [0]}, None],
        [{"tile": 2, "blocks": [["0"]]}, None],
        [{"tile": 1, "blocks": [[1 << 70]]}, None],
        [{"tile": 2, "blocks": [[0]], "more": 1}, None],
    ],
)
def test_a_json_object_with_wrong_fields(fields):
    with pytest.raises(ValueError, match="must"):
        NetworkConfig.from_json(json.dumps({"features": 16, "layers": [16, 16], "fields": fields}))


OTHERS = [
    (),
    (OVERLAP, None),
    (None, PAIRS),
    (PAIRS, OVERLAP),
    (OVERLAP, replace(PAIRS, tile=1)),
    (OVERLAP, replace(PAIRS, blocks=((0, 7), (1, 5)))),
    (OVERLAP, replace(PAIRS, blocks=((0, 7),))),
    (OVERLAP, replace(PAIRS, blocks=((0,), (7,), (1,), (6,)))),
]


def test_the_tag_of_fields():
    """u16, little-endian: inputs of a tile, blocks, tiles a block, the tiles; a fully connected layer: three zeros."""
    said = [4, 2, 2, 0, 1, 1, 3, 0, 0, 0, 2, 2, 2, 0, 7, 1, 6]
    assert fields_tag((OVERLAP, None, PAIRS)) == zlib.crc32(np.array(said, "<u2").tobytes())


def test_other_fields_have_other_tags():
    assert len({fields_tag(fields) for fields in [(OVERLAP, PAIRS), *OTHERS]}) == 1 + len(OTHERS)
    assert fields_tag(()) == 0


@pytest.mark.parametrize("other", OTHERS)
def test_a_device_with_other_fields_is_refused(other):
    packed, tag, asked = pack_config(NetworkConfig(**GOOD)), fields_tag((OVERLAP, PAIRS)), fields_tag(other)
    assert packed[-4:] == tag.to_bytes(4, "little")
    wanted = f"receptive fields {asked:08x}" if other else "no receptive fields"
    with pytest.raises(ValueError, match=f"the device must have {wanted}, as it is used, not receptive.*{tag:08x}"):
        unpack_config(packed, other)


def test_a_device_without_fields_is_refused_where_some_are_meant():
    with pytest.raises(ValueError, match=r"must have receptive fields [0-9a-f]{8}, as it is used, not no receptive"):
        unpack_config(pack_config(NetworkConfig(**{**GOOD, "fields": ()})), (OVERLAP, PAIRS))
