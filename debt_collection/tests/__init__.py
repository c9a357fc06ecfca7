from . import test_daily_run
from . import test_ledger_events
from . import test_partner_events
from . import test_levels
