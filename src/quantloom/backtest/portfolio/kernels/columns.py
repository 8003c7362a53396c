"""The columns of what the core writes down, and the words it uses."""

# Orders; what an order has come to is filled in as it goes.
SYMBOL, SIDE, LOTS, LEFT, SENT, ENDED, STATUS, REDUCES, TRIED = range(9)
RAW, CHARGED = range(2)
WORKING, FILLED, TRIMMED, NOTHING_LEFT, NOTHING_TO_CLOSE, REFUSED = range(6)

# Fills: whole numbers, then others.
ORDER, STEP, QUANTITY, CAPPED = range(4)
PRICE, COMMISSION, CASH = range(3)

# What hangs on rounding: what kind of decision, when, of which symbol or order, and how many lots
# it came to.
KIND, WHEN, SUBJECT, CAME_TO = range(4)
WANTED, AFFORDED, TURN = range(3)

# Counters.
ORDERS, FILLS, UNSURE, WAITING, IS_FULL = range(5)
