"""Measures Quantloom beside its peers; `python -m benchmarks` or `make bench`."""
