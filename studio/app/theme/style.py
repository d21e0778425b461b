"""The few lines of style sheet that Fusion needs to look like the studio.

Everything with a shape of its own paints itself; this sheet only covers Qt's stock widgets.
"""

from studio.app.theme.tokens import Tokens


def stylesheet(tokens: Tokens) -> str:
    """The application's style sheet."""
    t = tokens
    return f"""
* {{ outline: 0; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; padding: 4px 8px; }}
QPushButton {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; border-radius: 6px;
    padding: 0 14px; min-height: 30px; }}
QPushButton:hover {{ background: {t.line}; }}
QPushButton:pressed {{ background: {t.selection}; }}
QPushButton:focus, QPushButton:default {{ border-color: {t.agent}; }}
QPushButton:disabled {{ color: {t.faint}; background: transparent; }}
QLineEdit, QComboBox {{ background: {t.field}; color: {t.text}; border: 1px solid {t.line};
    border-radius: 6px; padding: 0 8px; min-height: 30px; selection-background-color: {t.selection};
    selection-color: {t.text}; }}
QLineEdit:focus, QComboBox:focus {{ border-color: {t.agent}; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox::drop-down {{ border: 0; width: 20px; }}
QComboBox QAbstractItemView {{ background: {t.raised}; border: 1px solid {t.line}; padding: 4px; }}
QMenu {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.selection}; }}
QMenu::item:disabled {{ color: {t.faint}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
QAbstractScrollArea {{ border: 0; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QScrollBar {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {t.line}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {t.faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QHeaderView {{ background: transparent; border: 0; }}
QHeaderView::section {{ background: transparent; color: {t.dim}; border: 0; border-bottom: 1px solid {t.line};
    padding: 0 11px; }}
QHeaderView::section:hover {{ color: {t.text}; }}
QTableView::item {{ padding: 0 8px; border: 0; }}
QTableView::item:selected {{ background: {t.selection}; color: {t.text}; }}
QDialog {{ background: {t.panel}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
"""
