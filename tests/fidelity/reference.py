"""The reference engine: WeasyPrint with presentational hints, and with our faces and aliases as its only fonts.

    python -m tests.fidelity.reference BASE HTML PDF [BASE HTML PDF ...]

It runs in a process of its own because fontconfig reads FONTCONFIG_FILE once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from spark_pdf.text.fonts import ALIASES, FACES, GENERIC

_NAMES = {"arimo": "Arimo", "tinos": "Tinos", "cousine": "Cousine"}


def fontconfig(folder: Path) -> str:
    """A fonts.conf with the packaged faces and nothing else, and our aliases."""
    aliases = "".join(
        f'<match target="pattern"><test name="family" compare="eq"><string>{escape(name)}</string></test>'
        f'<edit name="family" mode="assign" binding="same"><string>{_NAMES.get(to, to)}</string></edit></match>\n'
        for name, to in {**ALIASES, **GENERIC}.items()
    )
    last = "".join(f"<string>{name}</string>" for name in (*_NAMES.values(), "Symbols"))
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"<dir>{FACES}</dir>\n<cachedir>{folder / 'cache'}</cachedir>\n{aliases}"
        f'<match target="pattern"><edit name="family" mode="append_last">{last}</edit></match>\n</fontconfig>\n'
    )


def render_references(jobs: list[tuple[Path, str, Path]], folder: Path) -> None:
    """Render each (base folder, HTML, PDF to write) by WeasyPrint, all in one process."""
    folder.mkdir(parents=True, exist_ok=True)
    conf = folder / "fonts.conf"
    conf.write_text(fontconfig(folder), encoding="utf-8")
    arguments = []
    for base, html, pdf in jobs:
        page = pdf.with_suffix(".source.html")
        page.write_text(html, encoding="utf-8")
        arguments += [str(base), str(page), str(pdf)]
        pdf.unlink(missing_ok=True)
    environment = {**os.environ, "FONTCONFIG_FILE": str(conf)}
    subprocess.run([sys.executable, "-m", __name__, *arguments], check=True, env=environment)


def _main(arguments: list[str]) -> None:
    import weasyprint

    for base, page, pdf in zip(arguments[::3], arguments[1::3], arguments[2::3], strict=True):
        html = Path(page).read_text(encoding="utf-8")
        weasyprint.HTML(string=html, base_url=base + "/").write_pdf(pdf, presentational_hints=True)


if __name__ == "__main__":
    _main(sys.argv[1:])
