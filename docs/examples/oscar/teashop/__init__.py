"""The tea shop: a project of django-oscar."""
