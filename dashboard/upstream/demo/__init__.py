"""The demo upstream: the stored-completions API itself, over seeded sample completions."""
