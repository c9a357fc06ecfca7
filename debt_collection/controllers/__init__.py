from . import reports
from . import debt_notice
