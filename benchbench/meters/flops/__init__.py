"""Floating-point operations of a forward pass, counted three independent ways that must agree to the last unit.

Headline FLOPs are matrix work: linear layers, convolutions, the two products of attention; 1 MAC = 2 FLOP. Additions of
biases, normalisation and activations are not in it.
"""
