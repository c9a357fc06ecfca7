from . import res_company
from . import base_partner_merge
from . import debt_case_item
from . import debt_open_item
from . import debt_snapshot
from . import debt_target
from . import debt_report_run
from . import ir_attachment
