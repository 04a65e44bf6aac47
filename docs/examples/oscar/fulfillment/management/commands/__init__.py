"""``manage.py fulfill``."""
