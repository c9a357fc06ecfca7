"""Benchmarks of the addon: its daily run beside raw SQL, beside a peer, and its cost to others."""
