"""The site of the documents: every page is in it, all of it is built without a warning, and it asks nobody."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from browser import Browser, find_chromium
from commands import ROOT, documents

DOCS = ROOT / "host" / "docs"


def listed(entries: list[dict]) -> list[str]:
    """Files and globs of a list of entries, those below them too."""
    found = []
    for entry in entries:
        found += [entry.get("file") or entry["glob"], *listed(entry.get("entries", []))]
    return found


def test_every_page_has_a_place():
    contents = yaml.safe_load((DOCS / "contents.yml").read_text())
    names = [contents["root"], *(name for part in contents["subtrees"] for name in listed(part["entries"]))]
    pages = {path.relative_to(ROOT).as_posix() for name in names for path in ROOT.glob(f"{name}.*")}
    for name in names:
        assert list(ROOT.glob(f"{name}.md")) or (ROOT / f"{name}.ipynb").is_file(), f"{name} is no page"
    missing = {path.relative_to(ROOT).as_posix() for path in documents()} - pages
    assert not missing, f"add these to host/docs/contents.yml: {missing}"


def test_the_reference_has_every_name(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    import pages

    text = pages.reference()
    assert ".. autofunction:: ffpga.train\n" in text and ".. autoclass:: ffpga.Device\n" in text
    assert ".. automodule:: ffpga.fields\n" in text and text.count("```") == 2 * (len(pages.PARTS) + 1)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("import ffpga\ndata = ffpga.load()", "python"),
        ("self.irq.add('network')", "python"),
        ("static ffpga device;", "c"),
        ("for (;;) {\n}", "c"),
        ("make demo\nmake test", "text"),
        ("epoch   1  test 84.17 %", "text"),
    ],
)
def test_listings_are_known_by_their_looks(monkeypatch, text, language):
    monkeypatch.syspath_prepend(DOCS)
    import pages

    assert pages.language(text) == language


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """Built as `make docs` does."""
    where = tmp_path_factory.mktemp("site")
    options = ["-q", "-W", "--keep-going", "-c", DOCS, "-d", where / "doctrees", ROOT, where / "docs"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *map(str, options)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return where / "docs"


@pytest.mark.all
def test_the_site_is_built_without_a_warning(site):
    assert (site / "index.html").is_file() and (site / "searchindex.js").is_file()
    for page in ("README", "golden/protocol", "host/docs/glossary", "host/examples/notebooks/digits"):
        assert (site / f"{page}.html").is_file()
    assert "ffpga.Device.train_pair" in (site / "host" / "docs" / "api.html").read_text()


@pytest.mark.all
def test_links_of_the_site_lead_to_files(site):
    """Those between its pages, and their anchors; and no page names another host, but to be clicked."""
    anchors: dict[Path, set[str]] = {}
    for page in site.rglob("*.html"):
        text = page.read_text()
        assert not re.findall(r'<(?:script|img|iframe)[^>]+src="https?:|<link[^>]+href="https?:', text), page
        for target in re.findall(r'<a [^>]*href="([^"]+)"', text):
            file, _, anchor = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            there = (page.parent / file).resolve() if file else page
            assert there.is_file(), (page, target)
            if anchor and there.suffix == ".html":
                if there not in anchors:
                    anchors[there] = set(re.findall(r'id="([^"]+)"', there.read_text()))
                assert anchor in anchors[there], (page, target)


@pytest.mark.all
@pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium: make chromium installs it")
def test_the_site_in_a_browser(site, tmp_path):
    """On a phone and on a screen, light and dark: nothing wider than the page, a silent console, no outside request."""
    pages = ("README", "host/docs/data", "host/docs/api", "hw/README", "host/examples/notebooks/sensor")
    with Browser(tmp_path) as browser:
        for page in pages:
            for width in (390, 1280):
                browser.screen(width, 900, dark=width == 390)
                browser.open(site / f"{page}.html")
                assert browser.run("document.documentElement.scrollWidth") <= width, (page, width)
                assert not browser.complaints(), page
                assert all(address.startswith("file:") for address in browser.requests()), page
        browser.call("Page.navigate", url=f"{(site / 'search.html').as_uri()}?q=floor")
        browser.wait("document.querySelectorAll('#search-results li').length > 3", 30)
        assert not browser.complaints()
