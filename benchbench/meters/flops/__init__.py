"""FLOPs counted three ways that must agree to the last unit.

Matrix work alone (linear layers, convolutions, attention products), one multiply-accumulate = two FLOP, biases not
counted. Normalisation, activations and other elementwise work stand in a figure of their own.
`counting.count` is the door.
"""
