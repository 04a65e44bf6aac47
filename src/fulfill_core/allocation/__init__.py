"""The one allocator: demand in the sequence of rank against a working copy of the stock."""
