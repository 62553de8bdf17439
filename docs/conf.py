"""How Sphinx makes the site: `make docs`, or ``sphinx-build -W docs build/docs``.

The site asks no other host for anything: the theme brings its fonts and scripts, equations are
MathML, and there is no intersphinx, which would have to fetch other projects' lists of names.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import eemt_core  # the installed package: its docstrings are the reference

project = "eemt-core"
author = "the authors of eemt-core"
copyright = f"2026, {author}"  # a name that Sphinx reads
version = release = eemt_core.__version__
language = "en_GB"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_click",
    "sphinx_copybutton",
    "mathml",
    "public_api",
]
exclude_patterns = ["_ext"]
suppress_warnings = ["config.cache"]

myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

smartquotes = False  # -- is part of an option
default_role = "py:obj"
autodoc_typehints = "signature"
autodoc_type_aliases = {"FloatArray": "numpy.ndarray"}  # types of cells stand in the text
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # they follow, each with its docstring
# what a signature shows instead of a module that users need not know
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"  # the class stands above its methods

html_theme = "pydata_sphinx_theme"
html_title = f"eemt-core {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "eemt-core"},
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
html_context = {"default_mode": "auto"}
html_sidebars = {"index": [], "start": []}
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = "$ "
