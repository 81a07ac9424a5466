"""Fine-tuning: the loop, its batches, what makes it fast, and what a model says along the way."""
