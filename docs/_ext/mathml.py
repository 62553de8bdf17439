"""Equations as MathML, which browsers draw themselves.

Sphinx's own renderers need a script from another host, two megabytes of it, or LaTeX. The LaTeX of
the pages is turned into MathML by docutils' converter, which Sphinx depends on anyway.
"""

from __future__ import annotations

from docutils.nodes import Element
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def _mathml(translator, node: Element, *, as_block: bool) -> str:
    try:
        return tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        logger.warning("cannot be turned into MathML: %s", error, location=node)
        return f"<code>{translator.encode(node.astext())}</code>"


def _inline(translator, node: Element) -> None:
    translator.body.append(_mathml(translator, node, as_block=False))


def _block(translator, node: Element) -> None:
    number = f'<span class="eqno">({node["number"]})</span>' if node["number"] else ""
    translator.body.append(f'<div class="math">{number}{_mathml(translator, node, as_block=True)}')
    translator.body.append("</div>\n")


def _skip(visit):
    """Return the visitor followed by skipping the node's text, as Sphinx's renderers do it."""
    from docutils.nodes import SkipNode

    def visit_and_skip(translator, node):
        visit(translator, node)
        raise SkipNode

    return visit_and_skip


def setup(app: Sphinx) -> dict[str, bool]:
    """Make MathML the way of equations in HTML."""
    app.add_html_math_renderer("mathml", (_skip(_inline), None), (_skip(_block), None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
