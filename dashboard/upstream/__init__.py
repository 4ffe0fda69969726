"""The client of the stored-completions API. Plain Python: it does not know that Django exists."""
