"""SVG: from elements to a drawing of vectors that `pdf` puts on a page. SVG 2, and what SVG 1.1 says otherwise.

    parse_xml(data) -> Element                        xml.py: a linked file, without entities or anything external
    read_svg(data, url, fonts, image) -> VectorSource source.py: what an image holds
    VectorSource.drawing(width, height) -> Drawing    source.py: remembered by size
    Builder(...).build(root, style, width, height)    builder.py: the walk that makes it

Layers, lowest first: `matrix`, `numbers` (lengths, view boxes, transforms), `paths`, `drawing` (what comes out),
`servers` (gradients, patterns), `text`, `builder` with `clips` and `markers`, `source`.

Everything in a `Drawing` is in px of the box that it fills, with all transforms applied, so that it holds at any
place on any page. Filters, `foreignObject`, animation and scripts are reported and passed over.
"""
