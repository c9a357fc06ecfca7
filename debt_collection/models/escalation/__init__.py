from . import debt_status_change
from . import debt_escalation_rule
from . import debt_case
from . import debt_level
from . import debt_notice
from . import debt_notice_service
from . import debt_run
from . import res_users
