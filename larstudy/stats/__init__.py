"""Statistics on arrays: arrays in, small frozen results out.

Nothing here knows of persons, waves or files. It is the only place that imports scipy, and of scipy only
`scipy.special` (and `scipy.optimize` when it is needed), because `scipy.stats` costs more to import than the
rest of the package together.
"""
