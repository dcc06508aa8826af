"""Are the tests independent? Runs them alone, twice, in reverse, and beside each other in orders.

``designs`` makes orders in which every module follows every other one, ``alone`` runs each test as
the first of its process, ``verifying`` puts it together. See
docs/decisions/0025-stress-and-verify.md.
"""
