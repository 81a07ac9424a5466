"""What a system costs in all: its training, its requests, and from how many of these on another one is cheaper."""
