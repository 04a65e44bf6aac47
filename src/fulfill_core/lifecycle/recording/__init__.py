"""What each event adds to what was reported of an order: a module for each family of events."""
