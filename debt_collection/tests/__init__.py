from . import test_daily_run
from . import test_ledger_events
from . import test_partner_events
from . import test_levels
from . import test_hold
from . import test_contact
from . import test_tours
from . import test_dispatch
