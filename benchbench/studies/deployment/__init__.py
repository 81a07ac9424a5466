"""Fine-tuned models on their targets: one artefact each, scored and timed."""
