"""From answers to scores: marking them, intervals, and comparing two systems on the same examples. Knows no model."""
