"""The synthetic cohort: worlds whose truth is known, and a generator at the level of the answers."""
