from . import ledger
from . import strategy
from . import case
from . import outreach
from . import escalation
from . import negotiation
from . import dispute
from . import research
