from . import debt_credit_rule
from . import debt_credit_hold
from . import debt_held_document
from . import debt_holdable
from . import account_move
from . import debt_case
from . import debt_run
from . import res_partner
