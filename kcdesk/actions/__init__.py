"""What a person can do, one function each. The window and the command line are two doors to these actions.

Every action takes the `Desk` it works on, does its whole work or none, and returns plain data.
"""
