"""FLOPs counted three ways that must agree to the last unit.

Matrix work alone (linear layers, convolutions, attention products), one multiply-accumulate = two FLOP, biases not
counted. Normalisation, activations, Fourier transforms and other elementwise work stand in a figure of their own.
`counting.count` is the door.

Other tools count otherwise. OpenVINO's model zoo states 22.3874 GOps for bert-base-NER at 1 × 128, 0.17 % more than the
22.3490 GFLOP of matrix work: its tool adds one operation for each bias, residual, mask, sum of embeddings and scaling
of a query, five for each element of a softmax and four for each of a layer norm, together 0.0383. Its 107.43 M
parameters are those of a file for 128 tokens, 384 rows of the table of positions fewer than the model's 107.73 M.
"""
