"""
Every connection comes from another address of the loopback device: the API counts wrong tokens by address, and a tester that tries hundreds
would be told no more than that they are too many.
"""

import itertools

from urllib3.util import connection

_connect = connection.create_connection
_numbers = itertools.count(1)


def _connect_from_elsewhere(address, *args, **options):
    number = next(_numbers)
    options["source_address"] = (f"127.{1 + number // 62500 % 250}.{number // 250 % 250}.{1 + number % 250}", 0)
    return _connect(address, *args, **options)


connection.create_connection = _connect_from_elsewhere
