"""`python -m bgpd` is the same as the `bgpd` command."""

import sys

from bgpd.main import main

sys.exit(main())
