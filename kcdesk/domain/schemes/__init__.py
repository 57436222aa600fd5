"""Schemes (*đề án khuyến công*): their states and steps, their parts, their money. Pure functions; knows no storage.

A scheme begins DRAFTED and is carried by its **parts**: what belongs to one beneficiary, with a state of its own from
the contract on. The scheme's state is that of its slowest part.
"""
