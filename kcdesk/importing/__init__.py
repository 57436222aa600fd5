"""Other people's lists in. A workbook becomes a plan; nothing is stored here.

The way of a list: `workbook` reads cells, `layout` finds head, body and totals, `columns` says what each column
means, `cells` reads single values, `planning` makes the plan of any of the `list_kinds`. Plain data lies
between the steps.
"""
