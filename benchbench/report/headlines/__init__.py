"""What a run or one of its cells found, in a few sentences: for the terminal as it comes, for the head of the page."""
