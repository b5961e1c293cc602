"""The handbook: pages in Markdown that ship with larstudy, shown in the terminal or written as HTML.

``pages`` finds and searches them, ``web`` writes HTML, ``descriptions`` and ``problem_codes`` make the pages
that are looked things up in, from the code itself, and ``command`` is ``larstudy docs``.
"""
