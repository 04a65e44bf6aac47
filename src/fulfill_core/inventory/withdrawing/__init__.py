"""Units that are taken out of what an order has reserved: which ones, and what is left then."""
