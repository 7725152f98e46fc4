# SPDX-License-Identifier: MIT
"""The parts that the page of 'make report' is made of: frame, tables with filters. Pure."""

import html

from . import paths

STYLE = (paths.SCRIPTS / "report/page.css").read_text()
SCRIPT = (paths.SCRIPTS / "report/page.js").read_text()

# Nothing may come from elsewhere, even if some text on the page asked for it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def text(value):
    return html.escape(str(value))


class Cell(str):
    """Text of a table's cell with a class for its look."""

    look = ""


def cell(value, look):
    made = Cell(value)
    made.look = look
    return made


def verdict(word):
    """A cell with the outcome of a test."""
    look = {"pass": "good", "skip": "skip", "": "", "-": ""}.get(word, "bad")
    return cell(word, look)


def _cell(value, number, first):
    """A cell of the body; the first of a row is its heading."""
    look = " ".join(word for word in (getattr(value, "look", ""), "n" if number else "") if word)
    kind = f' class="{look}"' if look else ""
    if first:
        return f'<th scope="row"{kind}>{text(value)}</th>'
    return f"<td{kind}>{text(value)}</td>"


def table(name, caption, head, rows, numbers=(), states=None, choices=()):
    """A table; a filter above it if there is much of it.

    @head, @rows: cells; @numbers: indices of columns that are numbers
    @states: words for each row by which it may be chosen; @choices: [(word, label)] to choose from
    """
    out = []
    if states is not None or len(rows) > 15:
        out.append(_filter(name, caption, choices))
    tall = " tall" if len(rows) > 15 else ""
    out.append(f'<div class="wide{tall}" tabindex="0" role="region" aria-label="{text(caption)}">'
               f'<table id="{name}"><caption>{text(caption)}</caption><thead><tr>')
    out += [f'<th scope="col"{" class=n" if i in numbers else ""}>{text(word)}</th>'
            for i, word in enumerate(head)]
    out.append("</tr></thead><tbody>")
    for at, row in enumerate(rows):
        words = f' data-state="{text(states[at])}"' if states is not None else ""
        cells = "".join(_cell(value, i in numbers, i == 0) for i, value in enumerate(row))
        out.append(f"<tr{words}>{cells}</tr>")
    out.append("</tbody></table></div>")
    return "\n".join(out)


def _filter(name, caption, choices):
    options = "".join(f'<option value="{text(word)}">{text(label)}</option>'
                      for word, label in choices)
    choose = (f'<label>Show <select><option value="">all</option>{options}</select></label>'
              if choices else "")
    return (f'<div class="filter" data-table="{name}" role="search" '
            f'aria-label="filter: {text(caption)}">'
            f'<label>Filter <input type="search" size="18" placeholder="words"></label>{choose}'
            f'<output aria-live="polite"></output></div>')


def key(items):
    """The legend of a picture: [(class, meaning)]."""
    rows = "".join(f'<li><i class="{look}" aria-hidden="true"></i>{text(word)}</li>'
                   for look, word in items)
    return f'<ul class="key">{rows}</ul>'


def picture(drawing, caption):
    """A drawing that can be scrolled sideways where there is no room."""
    return (f'<figure><div class="wide" tabindex="0" role="region" '
            f'aria-label="{text(caption)}">{drawing}</div>'
            f'<figcaption class="soft">{text(caption)}</figcaption></figure>')


def missing(command, what):
    """What a section says that has no data."""
    return (f'<p class="none">No data: {text(what)} Made by <code>{text(command)}</code>.</p>')


def section(name, title, about, body, source=""):
    """A section of the page; @source tells where its figures are from."""
    return (f'<section id="{name}" aria-labelledby="{name}-title">'
            f'<h2 id="{name}-title">{text(title)}</h2>'
            f'<p>{text(about)}</p>{body}'
            + (f'<p class="soft">{text(source)}</p>' if source else "") + "</section>")


_STATES = {True: ("good", "✓", "good: "), False: ("bad", "✗", "not good: "), None: ("", "", "")}


def card(name, number, label, good=None):
    """What the top of the page says of a section: a number, words, and whether that is good."""
    look, sign, word = _STATES[good]
    mark = f'<em class="{look}" aria-hidden="true">{sign}</em> ' if sign else ""
    return (f'<li><a href="#{name}" class="{look}"><b>{mark}<small>{word}</small>{text(number)}</b>'
            f'<span>{text(label)}</span></a></li>')


def page(title, subtitle, cards, sections):
    """The document. @sections: [(name, title, HTML)]."""
    links = "".join(f'<li><a href="#{name}">{text(short)}</a></li>' for name, short, _ in sections)
    return "\n".join([
        "<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{text(title)}</title><style>{STYLE}</style></head><body>",
        f"<header><div><h1>{text(title)}</h1><p class=\"soft\">{text(subtitle)}</p>",
        f'<ul class="cards">{"".join(cards)}</ul></div></header>',
        f'<nav aria-label="sections"><ul>{links}</ul></nav><main>',
        *[body for _, _, body in sections],
        f"</main><script>{SCRIPT}</script></body></html>", ""])
