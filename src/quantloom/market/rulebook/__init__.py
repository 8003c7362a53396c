"""The market rule book: dated rules with their sources, as data."""
