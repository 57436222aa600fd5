"""How everything looks: colours, spacing and sizes of type, from this one place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from kcdesk.resources import resource_path

BODY_PT = 10.5
TITLE_PT = 16.0
HEADING_PT = 12.0
SMALL_PT = 9.5

TIGHT, GAP, SPACE, WIDE = 4, 8, 16, 24
"""Distances in pixels: inside a group, between controls, between groups, around a page."""

LABEL_WIDTH = 210
FIELD_WIDTH = 380
CAPTION_WIDTH = 170
NOTE_WIDTH = 300
RAIL_WIDTH = 252
ROW_HEIGHT = 30

INK = "#1f2933"
QUIET = "#5b6772"
LINE = "#d5dbe1"
PAGE = "#f5f7f9"
SURFACE = "#ffffff"
ACCENT = "#1b5e8c"
ACCENT_SOFT = "#e3eef6"
GOOD = "#1f6b3a"
WARN = "#8a5a00"
BAD = "#a4262c"
GOOD_SOFT, WARN_SOFT, BAD_SOFT = "#e6f3ea", "#fdf3dc", "#fbe9e9"


def apply_theme(app: QApplication) -> None:
    """Fusion, light, with our palette, type size and style sheet."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.styleHints().setColorScheme(Qt.ColorScheme.Light)
    app.setPalette(_palette())
    app.setFont(sized(app.font(), BODY_PT))
    app.setStyleSheet(_STYLE)


def sized(font: QFont, points: float, *, bold: bool = False) -> QFont:
    """A copy of `font` in another size."""
    copy = QFont(font)
    copy.setPointSizeF(points)
    copy.setBold(bold)
    return copy


def _palette() -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for name, colour in (
        (role.Window, PAGE),
        (role.WindowText, INK),
        (role.Base, SURFACE),
        (role.AlternateBase, "#f8fafb"),
        (role.Text, INK),
        (role.Button, SURFACE),
        (role.ButtonText, INK),
        (role.ToolTipBase, SURFACE),
        (role.ToolTipText, INK),
        (role.PlaceholderText, "#86919b"),
        (role.Highlight, ACCENT),
        (role.HighlightedText, "#ffffff"),
        (role.Link, ACCENT),
    ):
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor("#98a2ab"))
    return palette


_CHEVRON = resource_path("icons", "chevron-down.svg").as_posix()

_STYLE = f"""
QToolTip {{ padding: 4px; border: 1px solid {LINE}; }}

QLineEdit, QComboBox, QPlainTextEdit {{
    background: {SURFACE}; border: 1px solid #b8c2cb; border-radius: 4px; padding: 4px 6px; min-height: 20px;
    selection-background-color: {ACCENT}; selection-color: white;
}}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus {{ border: 2px solid {ACCENT}; padding: 3px 5px; }}
QLineEdit[wrong="true"], QComboBox[wrong="true"], QPlainTextEdit[wrong="true"] {{ border-color: {BAD}; }}
QLineEdit:read-only, QPlainTextEdit:read-only {{ background: {PAGE}; color: {QUIET}; border-color: {LINE}; }}
QComboBox::drop-down {{ border: 0; width: 22px; }}
QComboBox::down-arrow {{ image: url({_CHEVRON}); width: 14px; height: 14px; }}

QPushButton {{
    background: {SURFACE}; border: 1px solid #b8c2cb; border-radius: 4px; padding: 5px 14px; min-height: 20px;
}}
QPushButton:hover {{ background: {ACCENT_SOFT}; }}
QPushButton:pressed {{ background: #d3e4f0; }}
QPushButton:focus {{ border: 2px solid {ACCENT}; padding: 4px 13px; }}
QPushButton:disabled {{ color: #98a2ab; background: {PAGE}; border-color: {LINE}; }}
QPushButton[main="true"] {{ background: {ACCENT}; color: white; border-color: {ACCENT}; }}
QPushButton[main="true"]:hover {{ background: #17517a; }}
QPushButton[main="true"]:focus {{ border: 2px solid #0b2f47; }}
QPushButton[main="true"]:disabled {{ background: #b7c7d3; border-color: #b7c7d3; color: white; }}
QPushButton[flat_link="true"] {{
    border: 1px solid transparent; background: transparent; color: {ACCENT}; padding: 3px 6px;
}}
QPushButton[flat_link="true"]:hover {{ background: {ACCENT_SOFT}; }}
QPushButton[flat_link="true"]:focus {{ border-color: {ACCENT}; }}

QCheckBox:focus, QRadioButton:focus {{ background: {ACCENT_SOFT}; }}
QCheckBox, QRadioButton {{ padding: 2px 4px; }}

#rail {{ background: {SURFACE}; border-right: 1px solid {LINE}; }}
#rail QPushButton {{
    border: 2px solid transparent; border-radius: 4px; text-align: left; padding: 8px; background: transparent;
}}
#rail QPushButton:hover {{ background: {PAGE}; }}
#rail QPushButton:checked {{ background: {ACCENT_SOFT}; color: {ACCENT}; font-weight: 600; }}
#rail QPushButton:focus {{ border-color: {ACCENT}; }}

QTableView, QListView, QTreeView {{
    background: {SURFACE}; border: 1px solid {LINE}; border-radius: 4px; outline: 0; gridline-color: #e8ecef;
    selection-background-color: {ACCENT_SOFT}; selection-color: {INK};
}}
QTableView:focus, QListView:focus {{ border: 2px solid {ACCENT}; }}
QTableView::item {{ padding: 2px 8px; }}
QTreeView::item {{ padding: 3px 0; }}
QTableView::item:selected {{ background: #d3e4f0; color: {INK}; }}
QHeaderView::section {{
    background: {PAGE}; color: {QUIET}; border: 0; border-bottom: 1px solid {LINE}; padding: 6px 11px; font-weight: 600;
}}
QTabWidget::pane {{ border: 0; border-top: 1px solid {LINE}; }}
QTabBar::tab {{ padding: 8px 16px; border: 2px solid transparent; color: {QUIET}; background: transparent; }}
QTabBar::tab:selected {{ color: {ACCENT}; border-bottom-color: {ACCENT}; font-weight: 600; }}
QTabBar::tab:focus {{ border-color: {ACCENT}; }}
QScrollArea {{ border: 0; background: transparent; }}

QProgressBar {{
    border: 1px solid {LINE}; border-radius: 4px; background: {SURFACE}; text-align: center; min-height: 20px;
}}
QProgressBar::chunk {{ background: #9cc3dd; border-radius: 3px; }}

QFrame[card="true"] {{ background: {SURFACE}; border: 1px solid {LINE}; border-radius: 6px; }}
QFrame[card="true"][chosen="true"] {{ border: 2px solid {ACCENT}; background: {ACCENT_SOFT}; }}
QLabel[quiet="true"] {{ color: {QUIET}; }}
QLabel[note="error"] {{ color: {BAD}; }}
QLabel[note="warning"] {{ color: {WARN}; }}
QLabel[note="good"] {{ color: {GOOD}; }}
QLabel[note="hint"] {{ color: {QUIET}; }}

QFrame#banner {{ border-radius: 4px; border: 1px solid {LINE}; }}
QFrame#banner[tone="error"] {{ background: {BAD_SOFT}; border-color: #e3b5b7; }}
QFrame#banner[tone="warning"] {{ background: {WARN_SOFT}; border-color: #e8d29b; }}
QFrame#banner[tone="good"] {{ background: {GOOD_SOFT}; border-color: #b4d6c0; }}
QStatusBar {{ background: {SURFACE}; border-top: 1px solid {LINE}; color: {QUIET}; }}
QStatusBar::item {{ border: 0; }}
"""
