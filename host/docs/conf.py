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
    "pages",
]
exclude_patterns = ["build", "runs", "dist", ".*", "**/.ipynb_checkpoints", "LICENSE"]
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
# What scikit-learn adds to every estimator; its docstrings refer to its own pages.
autodoc_default_options = {"exclude-members": "set_fit_request, set_partial_fit_request, set_score_request"}
suppress_warnings = ["ref.python"]  # a parameter in backticks that several classes have: it stays code

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = "ffpga"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["extra"]
html_copy_source = False
html_show_search_summary = False  # summaries are fetched, which a browser refuses to pages that are files
html_show_sphinx = False
