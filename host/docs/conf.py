"""How Sphinx makes the site of the project's own Markdown: `make docs`.

The source folder is the repository, so every page has one place, and a link is the same there and in the site.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))

project = "ffpga"
author = "the ffpga developers"
copyright = "the ffpga developers"
extensions = [
    "myst_nb",
    "sphinx_external_toc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "source_pages",
]
exclude_patterns = ["build", "runs", "dist", ".*", "**/.ipynb_checkpoints", "LICENSE"]
#: Pages in their order; all others are below "Rooms of the code".
external_toc_path = "host/docs/contents.yml"

myst_enable_extensions: list[str] = []
myst_heading_anchors = 4
nb_execution_mode = "off"  # tests/docs/test_notebooks.py holds the stored outputs to what the cells do

# Docstrings are numpydoc; a name in single backticks is code, and a link where it is one of the reference.
default_role = "py:obj"
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = "ffpga"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["extra"]
html_copy_source = False
html_show_sphinx = False
