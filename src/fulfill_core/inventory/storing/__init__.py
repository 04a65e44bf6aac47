"""How the content of an inventory is stored, so that what changes costs what it touches."""
