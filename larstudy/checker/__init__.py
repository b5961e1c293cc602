"""A table of works that somebody wrote, held against the sources. It explains, and never rewrites."""
