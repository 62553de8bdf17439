"""The page on networks of hosts: each of its blocks is typed by a test, where it says."""

import re

from pages import DOCS, ROOT, blocks

SHELL = [b for b in blocks(DOCS / "deploy" / "across-hosts.md") if b.language == "sh"]
RUN = [block.text for block in SHELL if block.is_run]
TESTS = "".join(path.read_text() for path in (ROOT / "tests" / "deploy").glob("test_*.py"))
TYPED = set(re.findall(r'\b(?:block|type)\("([^"]+)"', TESTS))


def test_every_block_is_typed_by_a_test_or_says_that_it_is_not():
    assert len(RUN) > 5
    for text in RUN:
        assert sum(words in text for words in TYPED) == 1, text


def test_every_block_says_on_which_host():
    for block in SHELL:
        assert re.match(r"# on (alpha|beta|gamma|store)\n", block.text), str(block)
