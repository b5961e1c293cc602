"""`python -m larstudy` is the command line."""

from larstudy.cli import main

raise SystemExit(main())
