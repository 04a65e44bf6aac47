"""Commands of the project, as Django finds them."""
