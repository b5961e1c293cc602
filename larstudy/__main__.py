"""`python -m larstudy` is the command line."""

from larstudy.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
