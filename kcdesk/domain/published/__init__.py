"""What a province publishes: editions, and the tables of law that it writes itself.

editions.py     an edition: its signed list of files, what a file is by its path
table_files.py  a table in a text file, read with every fault at once
tables.py       support rules, deadlines, weights, code lists, settings
unit_files.py   whether a table of administrative units holds together
"""
