from . import debt_agreement_reason
from . import debt_notice_reject
from . import debt_run_start
from . import debt_escalate
