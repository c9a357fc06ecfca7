from . import agreement
from . import compliance
from . import debt_notice
from . import pay
from . import reports
