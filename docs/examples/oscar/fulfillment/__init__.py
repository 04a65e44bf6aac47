"""Oscar's stock allocation, order status and customer messages, decided by fulfill_core."""
