"""``python -m meetwidget``: the command where no scripts are installed."""

import sys

from meetwidget.cli import main

sys.exit(main())
