"""A small host application around fulfill_core: files in, a database, e-mails out.

The library decides, stores, and says what is to be sent; the shop has the rest. Read it in this
order:

* ``records``: fields out of records, every fault by file, position and field
* ``shopify``, ``northwind``: what a shop's files mean, as orders and stock
* ``rules``: which verifiers look at an order, the library's and the shop's own
* ``gathering``, ``fraud_service``: what has to be found out before a run
* ``database``: a file of SQLite, with the library's tables and a few of the shop's own
* ``loop``: the library's loop as this shop runs it, with its rules and its customers' wishes
* ``runs``, ``stock``, ``arrivals``: a run, as jobs of the loop: what the files say, and decisions
* ``desk``, ``parcels``, ``events``: what people say, what leaves, what is reported, as its events
* ``sending``, ``texts``, ``mail``: what goes out, in which words, and a Maildir to deliver to
* ``cli``, ``report``: the commands, and what they print
"""
