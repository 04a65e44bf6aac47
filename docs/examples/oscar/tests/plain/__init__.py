"""The same shop without the app: Oscar as it comes, with the shop's bank."""
