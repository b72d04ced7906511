"""Style sheets: what grows, what is nested without end, what refers to itself, and what is not CSS at all."""

from __future__ import annotations

from spark_pdf.model import Limits
from tests.hostile.case import FEW, Corpus

CORPUS = Corpus("style")
P = "<p>text <b>bold</b></p>"


def css(name: str, text: str, outcome: str = "document", body: str = P, says: str = "", limits: Limits = FEW) -> None:
    CORPUS.renders(name, outcome, lambda: f"{{% raw %}}<style>{text}</style>{body}{{% endraw %}}", None, says, limits)


DEEP = 20_000
for name, text in {
    "blocks": "a{" * DEEP,
    "parentheses": "p{width:" + "(" * DEEP,
    "brackets": "p" + "[" * DEEP,
    "calc": "p{width:" + "calc(" * DEEP + "1px" + ")" * DEEP + "}",
    "calc closed": "p{width:calc" + "(" * DEEP + "1px" + ")" * DEEP + "}",
    "min": "p{width:" + "min(1px," * DEEP + "1px" + ")" * DEEP + "}",
    "functions": "p{color:" + "rgb(" * DEEP,
    "media": "@media print{" * DEEP + "p{color:red}" + "}" * DEEP,
    "layers": "@layer a{" * DEEP + "}" * DEEP,
    "supports": "@supports " + "(" * DEEP + "color:red" + ")" * DEEP + "{p{color:red}}",
    "supports not": "@supports " + "not (" * DEEP + "color:red" + ")" * DEEP + "{p{}}",
    "media not": "@media " + "not (" * DEEP + "print" + ")" * DEEP + "{p{}}",
    "nested rules": "p{& b{" * 10_000 + "}" * DEEP,
    "not": "p" + ":not(" * DEEP + "a" + ")" * DEEP + "{}",
    "is": "p" + ":is(" * DEEP + "a" + ")" * DEEP + "{}",
    "has": "p" + ":has(" * DEEP + "a" + ")" * DEEP + "{}",
    "where": "p" + ":where(" * DEEP + "a" + ")" * DEEP + "{}",
    "var fallbacks": "p{width:" + "var(--a," * DEEP + "1px" + ")" * DEEP + "}",
    "attr fallbacks": "p{width:" + "attr(a px," * DEEP + "1px" + ")" * DEEP + "}",
    "color-mix": "p{color:" + "color-mix(in srgb,red," * DEEP + "red" + ")" * DEEP + "}",
    "gradients": "p{background:" + "linear-gradient(" * DEEP + ")" * DEEP + "}",
    "selector chain": "a " * DEEP + "{color:red}",
    "children": "a>" * DEEP + "b{color:red}",
    "siblings": "a~" * DEEP + "b{color:red}",
    "classes": "p" + ".a" * DEEP + "{color:red}",
    "comments": "/*" * DEEP,
    "strings": "p{content:" + '"' * DEEP,
    "closed blocks": "p{color:red}" + "}" * DEEP,
    "page selectors": "@page " + ":first" * DEEP + "{}",
    "import of imports": "@import url(" * DEEP,
    "escapes": "p{color:" + "\\" * DEEP + "}",
    "transforms": "p{transform:" + "rotate(1deg)" * DEEP + "}",
    "shadows": "p{text-shadow:" + ",".join(["1px 1px red"] * 500) + "}",
    "counters": "p::before{content:" + "counter(a)" * 5_000 + "}",
    "counter resets": "p{counter-reset:" + " ".join(f"c{n}" for n in range(5_000)) + "}",
    "grid tracks": "p{display:grid;grid-template-columns:" + "1px " * DEEP + "}",
    "grid areas": "p{display:grid;grid-template-areas:" + '"a b"' * DEEP + "}",
    "clip paths": "p{clip-path:polygon(" + ",".join(["1px 1px"] * DEEP) + ")}",
    "dashes": "svg{stroke-dasharray:" + ",".join(["1"] * DEEP) + "}",
    "font families": "p{font-family:" + ",".join(f"f{n}" for n in range(5_000)) + "}",
    "font features": "p{font-feature-settings:" + ",".join(['"kern" 1'] * 5_000) + "}",
    "background layers": "p{background:" + ",".join(["linear-gradient(red,blue)"] * 1_000) + "}",
    "quotes": "p::before{quotes:" + '"a" "b" ' * 5_000 + ";content:open-quote}",
}.items():
    css(f"deep or long: {name}", text)

css("var cycle of one", "p{--a:var(--a);width:var(--a)}")
css("var cycle of two", "p{--a:var(--b);--b:var(--a);width:var(--a)}")
css("var cycle by fallback", "p{--a:var(--x,var(--b));--b:var(--x,var(--a));width:var(--a)}")
css(
    "var cycle of thousands",
    "p{" + "".join(f"--v{n}:var(--v{(n + 1) % 3000});" for n in range(3000)) + "width:var(--v0)}",
)
css(
    "var chain of thousands",
    "p{" + "".join(f"--v{n}:var(--v{n + 1});" for n in range(3000)) + "--v3000:1px;width:var(--v0)}",
)
css(
    "var that nests",
    "p{--v0:1px;" + "".join(f"--v{n + 1}:calc((var(--v{n})));" for n in range(3000)) + "width:var(--v3000)}",
)
css(
    "deep style attributes",
    "",
    body="<p style='width:"
    + "calc(" * 5000
    + "1px'>x<p style='color:red;width:"
    + "min(1px," * 5000
    + "1px'>y<p x='"
    + "(" * 5000
    + "' style='width:attr(x type(*))'>z",
)
css(
    "deep media attributes",
    "",
    body="<style media='" + "not (" * 5000 + "print'>p{}</style><img sizes='" + "calc(" * 5000 + "' srcset='a.png 1w'>",
)
css(
    "deep presentation attributes",
    "",
    body="<svg fill='"
    + "rgb(" * 5000
    + "'><path d='M0 0h9' transform='"
    + "rotate(" * 5000
    + "' stroke='"
    + "url(" * 5000
    + "'/></svg>",
)
css(
    "var growth",
    "p{--a0:1px 1px;" + "".join(f"--a{n + 1}:var(--a{n}) var(--a{n});" for n in range(60)) + "width:var(--a60)}",
)
css(
    "var growth by inheritance",
    "p{--a0:1px}" + "".join(f"p{{--a{n + 1}:var(--a{n}) var(--a{n})}}" for n in range(60)) + "b{width:var(--a60)}",
)
css("var growth down the tree", "*{--a:var(--b) var(--b);--b:inherit} html{--b:1px 1px} " + "".join(f".c{n}{{--x{n}:var(--x{n - 1},1) var(--x{n - 1},1)}}" for n in range(1, 50)),
    body="".join(f"<div class='c{n}'>" for n in range(1, 50)))  # fmt: skip
css(
    "var growth of text",
    "p{--a0:'0123456789';"
    + "".join(f"--a{n + 1}:var(--a{n}) var(--a{n});" for n in range(60))
    + "} p::before{content:var(--a60)}",
)
css(
    "var growth under the limit",
    "p{--a0:1px;"
    + "".join(f"--a{n + 1}:var(--a{n}) var(--a{n});" for n in range(13))
    + "".join(f"--z{n}:var(--a13);" for n in range(300))
    + "width:var(--z1)}",
)
css(
    "attr growth",
    "p{--a:attr(x type(*)) attr(x type(*));--b:var(--a) var(--a);width:var(--b)}",
    body="<p x='attr(x type(*)) attr(x type(*))'>x</p>",
)
css("attr of itself", "p{width:attr(x type(*))}", body="<p x='attr(x type(*))'>x</p>")
css("many vars in many elements", "p{" + "".join(f"--v{n}:{n}px;" for n in range(500)) + "}", body="<p>x</p>" * 300)

css(
    "a million selectors",
    ",".join(["a"] * 1_000_000) + "{color:red}",
    "limit_cpu",
    limits=Limits(seconds_per_document=1),
)
css("many selectors", ",".join(f".c{n}" for n in range(20_000)) + "{color:red}")
css(
    "many universal selectors",
    "".join(f"*.c{n}, * * :nth-child({n}n+1) {{color:red}}" for n in range(1_000)),
    body=P * 20,
)
css("nesting that multiplies", "".join("& a, & b, & c, & i {" for _ in range(14)) + "color:red" + "}" * 14)
css("nesting that multiplies at the root", "".join("a, b, c, i {" for _ in range(14)) + "color:red" + "}" * 14)
css("nesting that multiplies by is", "".join(":is(a, b, c) {" for _ in range(20)) + "color:red" + "}" * 20)
css("has on everything", "".join(f":has(:has(.c{n})) {{color:red}}" for n in range(50)), body="<div>" * 60 + "x")
css("has of siblings", "*:has(~ .z) ~ * {color:red}", body="<i>x</i>" * 1500)
css("siblings of siblings", "i ~ i ~ i ~ i ~ i ~ b {color:red}", body="<i>x</i>" * 400 + "<b>x</b>")
css("descendants that backtrack", "div " * 20 + "b {color:red}", body="<div>" * 100 + "<i>x")
css("nth-child of", "i:nth-child(2n of .c) {color:red}", body="<i class=c>x</i>" * 1500)
css("nth-last-child", "i:nth-last-child(3n) {color:red}", body="<i class=c>x</i>" * 2000)
css(
    "last of type", "i:last-of-type, i:only-of-type, i:nth-last-of-type(2n) {color:red}", body="<i>x</i><b>y</b>" * 1000
)
css("attribute that ends", "[class$=a] {color:red}", body=f"<p class='{'a' * 100_000}b'>x</p>")

for value in (
    "1e999px",
    "-1e999px",
    "1e308px",
    "calc(infinity * 1px)",
    "calc(-infinity * 1px)",
    "calc(NaN * 1px)",
    "calc(1px / 0)",
    "1e-999px",
    "99999999999999999999px",
    "calc(1e308px * 1e308)",
    "1e7px",
    "calc(1e7%)",
    "9e9em",
    "1e20pt",
    "-9e9%",
):
    for name in (
        "width",
        "height",
        "margin",
        "padding",
        "font-size",
        "line-height",
        "border:1px solid;border-width",
        "letter-spacing",
        "text-indent",
        "position:absolute;left",
        "position:relative;top",
        "float:left;width",
        "display:flex;gap",
        "columns:2;column-gap",
        "display:grid;grid-template-columns:1fr;gap",
        "tab-size:9;white-space:pre;word-spacing",
        "box-shadow:0 0",
        "border-radius",
        "transform:translate(3px);outline:1px solid;outline-offset",
        "border-spacing",
        "min-height",
        "max-width",
        "flex-basis",
        "vertical-align",
    ):
        if value in ("1e308px", "calc(NaN * 1px)", "calc(infinity * 1px)", "1e7px", "-9e9%") or name in (
            "width",
            "font-size",
        ):
            css(
                f"numbers: {name} {value}",
                f"p,div,table{{{name}:{value}}}",
                "document",
                "<div><p>text <b>bold</b><p>a\tb</div><table><tr><td>x<td>y</table>",
            )
for value in ("1e999", "-1e999", "1e308", "99999999999999999999999", "0", "-1", "1e-300", "calc(NaN)"):
    for name in (
        "z-index",
        "opacity",
        "orphans",
        "widows",
        "columns",
        "counter-reset:c",
        "order",
        "line-height",
        "tab-size",
        "flex",
        "font-weight",
        "grid-row",
        "hyphenate-limit-chars",
        "max-lines",
        "column-count",
        "transform:scale(9) rotate(9deg) matrix(1,0,0,1,0,0);transform:scale",
    ):
        text = f"{name}({value})" if name.endswith("scale") else f"{name}{' ' if ':' in name else ':'}{value}"
        css(
            f"counts: {name.rpartition(';')[2]} {value}",
            f"div{{display:flex}}p,b{{{text};content:counter(c)}}p::before{{content:counter(c, upper-roman)}}",
            body="<div><p>text</div>" + P * 3,
        )
for size in ("0 0", "0.001px 0.001px", "1e7px 1e7px", "1e9px 1px", "-1px -1px", "calc(infinity * 1px) 1px", "1px 1px"):
    css(f"page size {size}", f"@page{{size:{size};margin:0}}")
for margin in ("1e7px", "-1e7px", "50%", "100%", "99cm", "calc(NaN * 1px)"):
    css(f"page margin {margin}", f"@page{{size:A6;margin:{margin};@top-center{{content:'x'}}}}")
css(
    "a counter style of symbols",
    "@counter-style c{system:additive;additive-symbols:1 x}p{counter-reset:n 999999999}p::before{content:counter(n,c)}",
)
css(
    "a counter style with pad",
    "@counter-style c{system:numeric;symbols:'0' '1';pad:999999999 'x'}p::before{content:counter(n,c)}",
)
css(
    "a counter style of one symbol",
    "@counter-style c{system:symbolic;symbols:'x'}p{counter-reset:n 999999999}p::before{content:counter(n,c)}",
)
css(
    "counter styles in a circle",
    "@counter-style a{system:extends b}@counter-style b{system:extends a}p::before{content:counter(n,a)}",
)
css(
    "counter fallbacks in a circle",
    "@counter-style a{system:fixed;symbols:x;fallback:b}@counter-style b{system:fixed;symbols:x;fallback:a}p::before{content:counter(n,a)}",
)
css(
    "a long name in a counter style",
    "@counter-style c{system:cyclic;symbols:'" + "x" * 100_000 + "'}li{list-style:c}",
    body="<ol>" + "<li>x" * 30 + "</ol>",
)
css("roman numbers without end", "p{counter-reset:n 2147483647}p::before{content:counter(n,upper-roman)}")
css("content without end", "p::before{content:'" + "x" * 300_000 + "'}")
css("before that repeats", "*::before{content:'xx';display:block;break-before:page}", "document", body=P * 10)
css("breaks without end", "*{break-before:page;break-after:page;break-inside:avoid}", body=P * 10)
css("nothing fits", "@page{size:10px 10px;margin:0}p{break-inside:avoid;height:1e6px}")
css("orphans that never fit", "p{orphans:999999;widows:999999}", body="<p>" + "word " * 2000)
css("running headers of themselves", "@page{@top-center{content:element(h)}}p{position:running(h)}", body=P * 5)
css("strings of themselves", "p{string-set:a string(a) content()}@page{@top-center{content:string(a)}}", body=P * 300)
css(
    "target counters in a circle",
    "a::after{content:target-counter(attr(href),page) target-text(attr(href))}",
    body="".join(f"<a id='a{n}' href='#a{(n + 1) % 50}'>x</a>" for n in range(50)),
)
css("footnotes in footnotes", "i{float:footnote}", body="<p>" + "<i>" * 100 + "x")
css(
    "footnotes higher than pages",
    "@page{size:A7;margin:1cm}i{float:footnote;height:99cm;display:block}",
    body="<p>x<i>y</i>" * 5,
)
css("footnote that fills", "@page{size:A7;@footnote{min-height:99cm}}i{float:footnote}", body="<p>x<i>y</i></p>" * 5)
css("floats in floats", "div{float:left}span{float:left}", body=("<div><span>" * 40 + "x"))
css("nested inline floats", "i{float:left}", body="<p>" + "a <i>b " * 60)
css("nested inline floats that are too wide", "i{float:left;width:300%}", body="<p>" + "a <i>b " * 40)
css(
    "nested inline floats on small pages",
    "@page{size:60px 60px;margin:5px}i{float:right;padding:3px;border:1px solid}",
    "document",
    body="<p>" + "a <i>b " * 30,
    limits=Limits(5, 5, 500),
)
css(
    "floats higher than pages",
    "@page{size:80px 80px;margin:5px}i{float:left;height:500px;width:10px}",
    body="<p>" + "a <i>b</i> " * 30,
)
css(
    "floats that cannot break",
    "@page{size:80px 80px;margin:5px}i{float:left;height:500px;width:10px;break-inside:avoid}b{clear:both}",
    body="<p>" + "a <i>b</i> <b>c</b>" * 20,
)
css("columns in columns", "div{columns:3}", body="<div>" * 12 + "x " * 50)
css("columns without end", "div{columns:999999;column-gap:0}", body="<div>" + "x " * 50)
css(
    "balanced columns",
    "div{columns:2}",
    body="<div>" + "<div><p style='break-inside:avoid;height:99cm'>x</p></div>" * 10,
)
css("flex in flex", "div{display:flex;flex-wrap:wrap}", body="<div>" * 60 + "x")
css("grid in grid", "div{display:grid;grid-template-columns:auto 1fr}", body="<div>" * 60 + "x")
css("grid lines far out", "p{grid-column:1/1000000;grid-row:1/1000000}body{display:grid}")
css("grid repeat", "body{display:grid;grid-template-columns:repeat(1000000, 1px)}")
css("grid repeat of repeat", "body{display:grid;grid-template:repeat(10000, 1px 1px 1px 1px)/repeat(10000,1px)}")
css("grid auto-fill of nothing", "body{display:grid;grid-template-columns:repeat(auto-fill, 0px)}")
css(
    "grid spans",
    "p{grid-column:span 1000000;grid-row:span 99999}body{display:grid}",
    "limit_cpu",
    P * 20,
    limits=Limits(seconds_per_document=0.5),
)
css("tables in tables", "div{display:table}p{display:table-cell}", body="<div><p>" * 60 + "x")
css("inline blocks in inline blocks", "i{display:inline-block}", body="<i>" * 150 + "x")
css("absolute in absolute", "i{position:absolute;top:1px;bottom:1px}", body="<i>" * 150 + "x")
css("fixed on every page", "b{position:fixed;top:-1e6px}", body=P * 30)
css("sticky all", "*{position:sticky;top:0}", body=P * 30)
css("gradient of many stops", "p{background:linear-gradient(" + ",".join(["red", "blue"] * 3000) + ")}")
css("repeating gradient of nothing", "p{background:repeating-linear-gradient(red 0px, blue 0px)}")
css("repeating gradient of almost nothing", "p{background:repeating-linear-gradient(red 0, blue 1e-6px)}")
css("repeating radial gradient of almost nothing", "p{background:repeating-radial-gradient(red 0, blue 1e-5px)}")
css("repeating conic gradient of almost nothing", "p{background:repeating-conic-gradient(red 0, blue 0.00001deg)}")
css("tiny tiles", "p{background:linear-gradient(red,blue);background-size:0.01px 0.01px;height:900px}")
css(
    "tiny round tiles",
    "p{background:linear-gradient(red,blue);background-size:0.01px 0.01px;background-repeat:round space;height:900px}",
)
css("wide blur", "p{box-shadow:0 0 99999px red,inset 0 0 99999px 9999px red;filter:blur(9999px)}")
css("dotted border without end", "p{border:0.001px dotted red;border-radius:99999px;width:9000px}")
css("dashed outline of a giant", "p{border:1px dashed red;width:9999999px;height:100px}")
css("wavy line without end", "p{text-decoration:underline wavy 0.001px red}", body="<p>" + "word " * 500)
css("leaders without end", "p::after{content:leader('.') leader('.')}")
css("leader of a zero width", "p::after{content:leader('\u200b')}")
css("border image of nothing", "p{border:9px solid;border-image:linear-gradient(red,blue) 0 repeat}")
css("border image of tiny slices", "p{border:900px solid;border-image:linear-gradient(red,blue) 1e-9 round}")
css("mask of masks", "p{mask:url(#a) url(#b);clip-path:url(#a)}")
css("no CSS at all", "\x00\x01\x02<<<>>>{{{{}}}}@@@@;;;;!!!!")
css("end of comment", "--> <!-- p{color:red} --> /* */ */ */")
css(
    "font-face of nothing",
    "@font-face{font-family:x;src:url(a.ttf),url(http://127.0.0.1/a),local(x)}p{font-family:x}",
    says="cannot be loaded",
)
css("many font faces", "".join(f"@font-face{{font-family:f{n};src:url(f{n}.ttf)}}" for n in range(2000)))
css(
    "hyphenation of a language that leads out",
    "p{hyphens:auto}",
    body="<p lang='../../../etc/passwd'>wonderful extraordinary</p><p lang='de\x00'>x</p>",
)
css("quotes that never close", "q{quotes:auto}", body="<q>" * 150 + "x")
css(
    "first letters of first letters",
    "*::first-letter{color:red;float:left}*::first-line{color:red}",
    body="<div>" * 60 + "x",
)
css(
    "markers that repeat",
    "*{display:list-item;list-style:inside}*::marker{content:counters(list-item,'.') 'x'}",
    body="<div>" * 80 + "x",
)
css("shapes", "p{float:left;shape-outside:polygon(" + ",".join(["1px 1px"] * 3000) + ")}", body=P * 20)
for target in (
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "//127.0.0.1/a.css",
    "../../../etc/passwd",
    "data:text/css,p{background:url(file:///etc/passwd)}",
    "ftp://127.0.0.1/",
    "javascript:1",
    "jar:file:/a!/b",
    "\\\\\\\\server\\\\share",
):
    css(f"import {target}", f"@import '{target}';@import url({target});p{{color:red}}")
    css(
        f"url {target}",
        f"p{{background:url({target});list-style:url('{target}');border-image:url({target}) 1;content:url({target});mask:url({target});cursor:url({target})}} @page{{background:url({target});@top-center{{content:url({target})}}}}",
    )
    css(f"font {target}", f"@font-face{{font-family:x;src:url('{target}')}}p{{font-family:x}}", says="cannot be loaded")
css("import in a circle by data", "@import 'data:text/css,@import \"data:text/css,p{color:red}\"';")
CORPUS.renders(
    "import in a circle",
    "document",
    "<link rel=stylesheet href=a.css>x",
    a_css=b"@import 'b.css';",
    b_css=b"@import 'a.css';",
    says="circle",
)
CORPUS.renders(
    "import of itself",
    "document",
    "<link rel=stylesheet href=a.css>x",
    a_css=b"@import 'a.css';@import './a.css';@import 'x/../a.css';",
    says="circle",
)
CORPUS.renders(
    "imports that multiply",
    "document",
    "<link rel=stylesheet href=a0.css>x",
    **{
        f"a{n}_css": f"@import 'a{n + 1}.css';@import 'a{n + 1}.css' print;@import 'a{n + 1}.css' all;".encode()
        for n in range(15)
    },
)  # type: ignore[arg-type]
CORPUS.renders("a sheet of zeros", "document", "<link rel=stylesheet href=a.css>x", a_css=bytes(100_000))
CORPUS.renders("a sheet of noise", "document", "<link rel=stylesheet href=a.css>x", a_css=bytes(range(256)) * 100)
CORPUS.renders(
    "a sheet that says it is UTF-16",
    "document",
    "<link rel=stylesheet href=a.css>x",
    a_css=b'@charset "utf-16le";p{color:red}',
)
CORPUS.renders(
    "a sheet with a wrong charset",
    "document",
    "<link rel=stylesheet href=a.css>x",
    a_css=b'@charset "nonsense-\xff";p{color:red}',
)
