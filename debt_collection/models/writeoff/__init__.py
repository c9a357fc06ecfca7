from . import debt_writeoff_rule
from . import debt_writeoff_proposal
