from . import permission
from . import sql
