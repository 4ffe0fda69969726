"""Sample completions, written for this project: the people, companies and texts are invented."""
