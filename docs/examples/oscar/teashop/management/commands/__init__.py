"""``manage.py sample``."""
