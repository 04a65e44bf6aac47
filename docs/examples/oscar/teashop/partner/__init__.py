"""A fork of Oscar's app *partner*."""
