from . import test_stock_picking
from . import test_tour
