"""Markdown as a hostile agent would write it: each text tries to run `SCRIPT`, to ask a server, or to hang the page."""

# ruff: noqa: E501 - attacks are not to be wrapped
from __future__ import annotations

# What every hostile file tries: to leave a trace, and to read the API with the rights of the page.
SCRIPT = (
    "document.title = 'RAN'; fetch('/api/tasks').then((r) => r.text())"
    ".then((t) => { document.title = 'READ ' + t; fetch('/RAN?' + t.length); }); fetch('/RAN');"
)
IN_ATTRIBUTE = SCRIPT.replace("&", "&amp;").replace('"', "&quot;")

MARKDOWN = [
    f"# Title\n\n<script>{SCRIPT}</script>\n",
    f'<img src=x onerror="{IN_ATTRIBUTE}">\n',
    f'text <b onmouseover="{IN_ATTRIBUTE}" style=\'position:fixed;inset:0\'>bold</b> <svg onload="{IN_ATTRIBUTE}">',
    "[click](javascript:document.title='RAN')\n\n[click](JaVaScRiPt:document.title='RAN')\n",
    "[click](java\nscript:document.title='RAN') [c](&#106;avascript:document.title='RAN') [d](\x01javascript:alert(1))\n",
    "[click][ref]\n\n[ref]: javascript:document.title='RAN'\n\n<javascript:document.title='RAN'>\n",
    "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==) [v](vbscript:x) [f](file:///etc/passwd)\n",
    "[click](blob:x) [click](//evil.test/x) [click](\\\\evil.test\\x) [click](/api/tasks) [click](#body)\n",
    "![pixel](https://evil.test/RAN.png) ![x](/RAN) ![x](x \"onerror=document.title='RAN'\")\n",
    '[a](https://evil.test/ "\\" onmouseover=\\"document.title=\'RAN\'")\n\n[a](<https://evil.test/" onclick="x>)\n',
    "```\"><script>document.title='RAN'</script>\ncode\n```\n\n~~~js onload=alert(1)\nx\n~~~\n",
    "`</code><script>document.title='RAN'</script>`\n\n    </pre><script>document.title='RAN'</script>\n",
    f'| a | b |\n|---|---|\n| <img src=x onerror="{IN_ATTRIBUTE}"> | [x](javascript:alert(1)) |\n',
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=document.title='RAN'&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=document.title='RAN'>\n",
    "<svg></p><style><a id=\"</style><img src=1 onerror=document.title='RAN'>\">\n",
    "<noscript><p title=\"</noscript><img src=x onerror=document.title='RAN'>\"></noscript>\n",
    f"<iframe srcdoc=\"<script>{IN_ATTRIBUTE}</script>\"></iframe><iframe src='javascript:parent.document.title=1'></iframe>",
    "<base href='https://evil.test/'><meta http-equiv=refresh content='0;url=https://evil.test/RAN'><link rel=stylesheet "
    "href=https://evil.test/RAN.css><style>@import 'https://evil.test/RAN.css'; body{display:none}</style>\n",
    "<details open ontoggle=\"document.title='RAN'\"><summary>x</summary></details><video><source onerror=alert(1)>",
    "<a id=body name=location>x</a><form id=document><input name=title></form><img name=getElementById>\n",
    "<template><script>document.title='RAN'</script></template><div><template shadowrootmode=open><img src=x "
    "onerror=document.title='RAN'></template></div>\n",
    "&lt;script&gt;document.title='RAN'&lt;/script&gt; &#60;img src=x onerror=document.title='RAN'&#62;\n",
    "# <img src=x onerror=document.title='RAN'>\n\n- [ ] <script>document.title='RAN'</script>\n\n> <svg/onload=alert(1)>\n",
    "<x-y onclick=alert(1)>custom</x-y><button formaction=javascript:alert(1)>b</button><input autofocus onfocus=alert(1)>",
    "[x]: <javascript:alert(1)> \"<img src=x onerror=document.title='RAN'>\"\n\n[x]\n\nhttps://evil.test/<script>x</script>\n",
    "[" * 20_000,
    ">" * 5_000 + " x",
    "*a" * 15_000,
    "- " * 3_000 + "x",
    "`" * 20_000 + "x",
    "|a" * 10_000 + "\n" + "|-" * 10_000 + "\n" + "|a" * 5_000,
    "<" * 30_000,
    "![" * 10_000 + "](x)" * 5_000,
    "\u202egnp.exe <b>\u2066x</b> [https://bank.test](https://evil.test/)\n",
    "\0\ufffe\ud7ff <script\0>document.title='RAN'</script\0>\n",
]
