"""Malformed files and study files, thousands of them, and what must hold for each: `python -m tests.fuzz`."""
