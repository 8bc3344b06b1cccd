"""Text that can't play tricks on a reader: it may come from anybody."""

import unicodedata

_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def safe(text: str) -> str:
    r"""Text as it may be printed: what steers a terminal or a line becomes `\u202e`, as in JSON."""
    if text.isprintable():
        return text
    hidden = {ord(c): _escape(c) for c in set(text) if unicodedata.category(c) in _HIDDEN}
    return text.translate(hidden)


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
