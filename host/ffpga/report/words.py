"""What the words of a report mean, in short: each page ends with them. The documents' glossary has more."""

WORDS: dict[str, str] = {
    "pair": "a training step: a sample with its true label, the positive phase, and with a wrong one, the negative "
    "phase",
    "goodness": "of a layer: the sum of its squared activities, in the charts over the number of its neurons; learning "
    "raises it for positive data and lowers it for negative data, and the label of most goodness is the answer",
    "activity": "what a neuron makes of its inputs: their weighted sum where that is above 0, else 0",
    "contrast": "the objective that compares the goodness of a pair's two phases; the objective threshold compares "
    "each phase with theta",
    "hard negative": "the wrong label that the first layer takes most readily for right",
    "u": "the learning rate: a weight changes by an amount over 2 to the power of u, so a larger u learns more slowly",
    "probability": "c, how far a layer is from right, 0 to 1; where it rounds to 0, or is below the gate, the update "
    "is skipped",
    "skipped": "an update that was not made, since the layer was right already",
    "floor": "the clocks that the weight memory alone needs for the words that were read and written",
    "lane": "as many neurons as there are lanes are computed side by side",
    "receptive field": "the inputs that a neuron sees, and their weights",
}
