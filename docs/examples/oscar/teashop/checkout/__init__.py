"""A fork of Oscar's app *checkout*."""
