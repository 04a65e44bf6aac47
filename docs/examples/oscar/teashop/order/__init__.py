"""A fork of Oscar's app *order*."""
