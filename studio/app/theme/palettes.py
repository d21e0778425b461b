"""Qt's palette from our tokens, for everything that Fusion draws by itself."""

from PySide6.QtGui import QColor, QPalette

from studio.app.theme.tokens import Tokens


def palette(tokens: Tokens) -> QPalette:
    """The palette of all widgets. Disabled text is `faint`, so that it stays readable."""
    role = QPalette.ColorRole
    result = QPalette()
    colors = {
        role.Window: tokens.panel,
        role.WindowText: tokens.text,
        role.Base: tokens.panel,
        role.AlternateBase: tokens.raised,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.faint,
        role.Text: tokens.text,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.error,
        role.Light: tokens.raised,
        role.Midlight: tokens.line,
        role.Mid: tokens.line,
        role.Dark: tokens.line,
        role.Shadow: tokens.bg,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.text,
        role.Link: tokens.agent,
        role.LinkVisited: tokens.agent,
        role.Accent: tokens.agent,
    }
    for which, value in colors.items():
        result.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, which, QColor(tokens.faint))
    return result
