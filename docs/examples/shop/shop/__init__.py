"""A small host application around fulfill_core: files in, a database, e-mails out.

The library decides; everything with a side effect is here. Read it in this order:

* ``records``: fields out of records, every fault by file, position and field
* ``shopify``, ``northwind``: what a shop's files mean, as orders and stock
* ``rules``: the shop's own verifiers, beside those of the library
* ``storage``: SQLite through SQLAlchemy Core, with a transactional outbox
* ``texts``, ``mail``: the messages, and a Maildir to deliver them to
* ``cli``, ``report``: the commands, and what they print
"""
