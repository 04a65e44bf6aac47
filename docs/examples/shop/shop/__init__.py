"""A small host application around fulfill_core: files in, a database, e-mails out.

The library decides; everything with a side effect is here. Read it in this order:

* ``records``: fields out of records, every fault by file, position and field
* ``shopify``, ``northwind``: what a shop's files mean, as orders and stock
* ``rules``: which verifiers look at an order, the library's and the shop's own
* ``gathering``, ``fraud_service``: what has to be found out before a run
* ``tables``, ``storage``: SQLite through SQLAlchemy Core, with a transactional outbox
* ``shelves``, ``arrivals``: stock, reservations and claims; who gets what has come in
* ``desk``: the review desk: what waits for a person, and what people said
* ``sending``, ``texts``, ``mail``: what goes out when, in which words, and a Maildir to deliver to
* ``cli``, ``report``: the commands, and what they print
"""
