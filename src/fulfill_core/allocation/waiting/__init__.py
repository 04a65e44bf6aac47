"""What waits for more stock: which supply each unit is pegged to, and whether a whole order may."""
