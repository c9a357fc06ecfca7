from . import debt_assessment
from . import debt_assessment_line
from . import debt_risk_profile
from . import debt_risk_facts
from . import debt_case
from . import debt_priority_rule
from . import debt_segment
from . import res_company
