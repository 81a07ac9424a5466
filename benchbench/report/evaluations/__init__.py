"""What models answered to each evaluation example of a run, and what follows from it: intervals, changes, flips."""
