"""What is told of a step, and how a message about it is made."""
