"""What a page needs to know about a completion. Plain Python: returns data and plain strings."""
