"""What every report's page has in it: the script that draws its charts."""

import shutil

import vl_convert

from ffpga.report import page


def test_the_script_is_made_once_and_kept(tmp_path, monkeypatch):
    """What was cut or changed is made again, and a folder that cannot be written costs the time alone."""
    made = []
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda: made.append(1) or "let µ = 1;\r\n// </script>\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def script() -> str:
        page._script.cache_clear()
        return page._script()

    try:
        texts = [script(), script()]
        assert len(made) == 1
        (kept,) = (tmp_path / "cache" / "ffpga").iterdir()
        for damage in (kept.read_bytes()[:-1], b"", kept.read_bytes().replace(b"1;", b"2;")):
            kept.write_bytes(damage)
            texts += [script(), script()]
        assert len(made) == 4
        shutil.rmtree(tmp_path / "cache")
        (tmp_path / "cache").write_text("")
        assert {*texts, script()} == {"let µ = 1;\r\n// </script>\n"} and len(made) == 5
    finally:
        page._script.cache_clear()
