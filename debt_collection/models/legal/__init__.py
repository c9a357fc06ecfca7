from . import debt_cost
from . import debt_legal_file
from . import debt_legal_file_content
from . import debt_case
