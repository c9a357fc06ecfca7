from . import debt_dispute_reason
from . import debt_dispute
from . import debt_dispute_outcome
from . import debt_case
from . import debt_case_item
from . import debt_contact
from . import debt_run
from . import debt_timeline
