"""The window (Qt): screens over `actions`, table models, one task runner. The only room that imports PySide6.

A screen receives data and emits events that mean something; `window` wires them; `tasks` owns the threads.
Importing this room loads Qt and nothing else that is big: PDF, workbooks and the network come when first needed.
"""

from kcdesk.ui.immortal import guard_singletons

guard_singletons()
