"""What people type is text everywhere: hostile names, texts and records are stored over HTTP, and every page that shows them is opened.

They live in a space of their own, so that whoever looks at the pages of the first one for keys in place of texts reads no name that is one.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from libs.client.sdk import ApiError, Json, Modelyard
from tests.browser.conftest import Person, Window, owner_of, window
from tests.browser.looks import too_wide
from tests.support.platform import Platform

SPACE = 100 + secrets.randbelow(1 << 30)  # also a platform that stands already has none of this number
TOGETHER = 6  # on one page
RUN = "window.hostile=1"
MARKUP = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<iframe src=javascript:parent.{RUN}>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<video><source onerror={RUN}>",
    f"<audio src=x onerror={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}>",
    f"<marquee onstart={RUN}>",
    f"<object data=javascript:{RUN}>",
    f"<embed src=javascript:{RUN}>",
    f"<math><mi xlink:href=javascript:{RUN}>x",
    f"<a href=javascript:{RUN}>click</a>",
    "<base href=//example.invalid/>",
    "<meta http-equiv=refresh content=0;url=//example.invalid>",
    "<link rel=stylesheet href=//example.invalid/x.css>",
    "<style>*{display:none}</style>",
    "<form action=//example.invalid><button>x",
    "<template><h1>x</h1></template>",
    "<!-- open comment",
    "<![CDATA[ open",
    "<plaintext>",
    "<noscript><p title='</noscript><img src=x onerror=1>'>",
    f"<IMG SRC=x OnErRoR={RUN}>",
    f"<img/src=x/onerror={RUN}>",
]
QUOTED = [
    f"' onmouseover={RUN} x='",
    f'" onfocus={RUN} autofocus x="',
    f"`onmouseover={RUN}`",
    f'"><script>{RUN}</script>',
    f"'><img src=x onerror={RUN}>",
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}//",
    f"data:text/html,<script>{RUN}</script>",
    f"[click](javascript:{RUN})",
    f"![x](x) <img src=x onerror={RUN}>",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"${{{RUN}}}",
    f"#{{{RUN}}}",
    f"<%= {RUN} %>",
    "{{name}}",
    "$t(frame.sign_out)",
    "{{count}} %s %d %(x)s",
    "'; DROP TABLE model_project; --",
    "&lt;b&gt; &amp;lt; &#60;script&#62;",
    "%3Cscript%3E",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "__proto__",
    "constructor",
]
WIDE = [
    "\u200fשלום עולם",
    "مرحبا بالعالم",
    "🧪👩‍👩‍👧‍👦🏳️‍🌈",
    "长" * 90,
    "x" * 90,
    "Z̸͓͗a̶l̷g̴o̵" * 3,
]
PAYLOADS = [*MARKUP, *QUOTED, *WIDE]
assert len(PAYLOADS) == 60


def unlike(payload: str, most: int = 100) -> str:
    """A name that nothing else here has."""
    return f"{payload[: most - 7]} {secrets.token_hex(3)}"


def model(client: Modelyard, payload: str, more: list[str]) -> Json:
    """One whose every text is hostile, the long one with ``more`` of them."""
    made = client.models.create(unlike(payload))
    texts = {"desc": " ".join(more)[:1000], "train_framework": payload[:60], "inference_framework": payload[:60]}
    return client.call("PATCH", f"/models/{made['id']}", expected_version=made["version"], **texts)["project"]


@pytest.fixture(scope="module")
def reader(platform: Platform) -> Person:
    return owner_of(platform, SPACE)


@pytest.fixture(scope="module")
def hostile(platform: Platform, reader: Person, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Addresses with some of what must be read there as it was typed, after everything was stored."""
    client, folder = platform.client(space=SPACE), tmp_path_factory.mktemp("hostile")
    models = [model(client, payload, PAYLOADS[at : at + TOGETHER]) for at, payload in enumerate(PAYLOADS)]
    assert all(payload[:80] in made["name"] for payload, made in zip(PAYLOADS, models, strict=True)), "kept as they were typed"
    rows = folder / "rows.jsonl"
    rows.write_text("".join(json.dumps({"instruction": each, "output": f"{each} {each}"}, ensure_ascii=False) + "\n" for each in PAYLOADS))
    data = client.datasets.create(unlike(PAYLOADS[0]), "Text", desc=PAYLOADS[2])
    for payload in PAYLOADS[1:6]:
        client.datasets.create(unlike(payload), "Text", desc=payload)
    version = imported(client, data, rows)
    with Modelyard(platform.settings.gateway_address) as mine:
        mine.sign_in(reader.account, reader.password)
        for payload in PAYLOADS[:6]:
            mine.call("POST", "/keys", name=payload[:60], valid_days=1)
    shown = {f"/models/{each['id']}": [each["name"]] for each in models[::TOGETHER]}
    shown |= {f"/models/{each['id']}?tab=settings": [each["name"]] for each in models[:: 2 * TOGETHER]}
    shown |= {
        "/models?view=board": [each[text] for each in models for text in ("name", "desc")],
        "/models": [models[-1]["name"]],
        "/datasets": [data["name"]],
    }
    shown |= {f"/datasets/{data['id']}": [data["name"]], f"/datasets/versions/{version}?tab=records": PAYLOADS[:6]}
    shown |= {"/keys": [payload[:60] for payload in PAYLOADS[:6]]}
    others = ("/", "/audit", "/training", *(f"/datasets/versions/{version}{more}" for more in ("", "?tab=fields", "/clean")))
    return shown | {path: [] for path in others}


def imported(client: Modelyard, data: Json, rows: Path) -> str:
    config = {"paths": [client.datasets.upload(rows)["path"]]}
    task = client.datasets.create_task(data["id"], "Importing", "File_Import", PAYLOADS[0], config=config)["dataset_task"]
    [version] = client.datasets.wait(task["id"])["output_version_ids"]
    return str(version)


def watched(opened: Window) -> list[str]:
    """What must stay empty: dialogs, new windows, requests to elsewhere, and what the policy refused."""
    seen: list[str] = []
    page = opened.page
    page.on("dialog", lambda dialog: (seen.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("popup", lambda popup: seen.append(f"popup: {popup.url}"))
    page.on("request", lambda asked: None if asked.url.startswith((opened.address, "data:", "blob:")) else seen.append(asked.url))
    page.add_init_script(
        "window.refused = []; addEventListener('securitypolicyviolation', (event) => window.refused.push(event.violatedDirective))"
    )
    return seen


def test_sixty_hostile_texts_are_text(browser: Browser, platform: Platform, reader: Person, hostile: dict[str, list[str]]) -> None:
    opened = window(browser, platform)
    seen = watched(opened)
    opened.sign_in(reader)
    wrong: dict[str, list[str]] = {}
    for path, texts in hostile.items():
        opened.open(path)
        page = opened.page
        read = page.inner_text("body")
        said = [*seen, *opened.complaints, *page.evaluate("window.refused")]
        said += ["a script of it ran"] if page.evaluate("'hostile' in window") else []
        inside = "main :is(script, iframe, object, embed, base, meta, link, style, marquee, template, math, [onerror], [onload], [onfocus])"
        said += [f"became {each}" for each in page.eval_on_selector_all(inside, "all => all.map((each) => each.outerHTML.slice(0, 80))")]
        said += page.eval_on_selector_all("a[href]", "all => all.map((each) => each.href).filter((href) => !/^https?:/.test(href))")
        said += [f"not shown as typed: {text}" for text in texts if text not in read]
        said += ["wider than the window"] if too_wide(opened) else []
        seen.clear()
        opened.complaints.clear()
        if said:
            wrong[path] = said
    opened.page.context.close()
    assert wrong == {}


def test_names_that_could_mislead_are_refused(platform: Platform) -> None:
    """Marks that turn the direction of a line, ends of lines and control characters: not in a name."""
    for mark in ("\u202e", "\u2066", "\n", "\x1b[31m"):
        with pytest.raises(ApiError) as caught:
            platform.client().models.create(f"turned {mark} name")
        assert (caught.value.code, caught.value.field) == (400, "name")
