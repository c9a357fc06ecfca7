from . import debt_cached_settings
from . import debt_strategy
from . import debt_level
from . import debt_segment
from . import debt_priority_rule
