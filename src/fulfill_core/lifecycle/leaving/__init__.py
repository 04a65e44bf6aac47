"""What may leave after a step, and what may not any more."""
