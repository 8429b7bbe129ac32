"""Makes HTML of Markdown: `wodehost call plugins/markdown/markdown.wasm '"# Hello\n\n*Ada*"'`.

The converter is Python-Markdown with tables, footnotes, fenced code and abbreviations. It is made when the
plugin is built, so that each job finds it ready.
"""

from dataclasses import dataclass

from markdown import Markdown
from markdown.extensions.extra import ExtraExtension
from markdown.extensions.smarty import SmartyExtension
from markdown.extensions.toc import TocExtension

from wodehost_guest import worker

CONVERTER = Markdown(extensions=[ExtraExtension(), SmartyExtension(), TocExtension()])


@dataclass
class Page:
    title: str | None
    html: str
    contents: list[str]


@worker
def render(text: str) -> Page:
    html = CONVERTER.reset().convert(text)
    headings = [heading["name"] for heading in _flat(CONVERTER.toc_tokens)]
    return Page(title=headings[0] if headings else None, html=html, contents=headings)


def _flat(tokens):
    for token in tokens:
        yield token
        yield from _flat(token["children"])
