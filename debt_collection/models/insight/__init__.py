from . import debt_open_item
