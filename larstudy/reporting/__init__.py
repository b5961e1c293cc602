"""The report of a study: what is said, in three languages, as a page and as a Word document."""
