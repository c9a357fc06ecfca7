from . import debt_legal_file_content
from . import sale_order
