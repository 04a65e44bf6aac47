"""A fork of Oscar's app *checkout*, with a bank and nothing else."""
