"""Commands of the app, as Django finds them."""
