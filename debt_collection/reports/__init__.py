from . import debt_open_items
from . import debt_movements
from . import debt_report_renderer
from . import debt_aged_balance
from . import debt_aged_balance_export
from . import debt_monthly_report
