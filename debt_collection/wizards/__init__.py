from . import debt_agreement_reason
from . import debt_case_selection
from . import debt_case_assign
from . import debt_case_hold
from . import debt_case_snooze
from . import debt_notice_reject
from . import debt_run_start
from . import debt_escalate
