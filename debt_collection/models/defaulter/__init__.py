from . import debt_defaulter_list
from . import debt_defaulter_line
from . import debt_run
