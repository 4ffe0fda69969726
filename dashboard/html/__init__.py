"""HTML made in Python; the only place that marks strings safe. Everything that goes in is escaped in here."""
