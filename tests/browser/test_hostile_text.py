"""What people type is text everywhere: hostile names, texts and records are stored over HTTP, and every page that shows them is opened."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from libs.client.sdk import ApiError, Json, Modelyard
from tests.browser.conftest import Person, Window, window
from tests.browser.looks import too_wide
from tests.support.platform import Platform

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


def model(client: Modelyard, payload: str) -> Json:
    """One whose every text is hostile. A bounded field says so, and nothing else is refused."""
    made = client.models.create(unlike(payload))
    long = (payload + " ") * 8
    texts = {"desc": long[:1000], "train_framework": payload[:60], "inference_framework": payload[:60]}
    return client.call("PATCH", f"/models/{made['id']}", expected_version=made["version"], **texts)["project"]


@pytest.fixture(scope="module")
def hostile(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Addresses by what they show, after everything was stored."""
    client, folder = platform.client(), tmp_path_factory.mktemp("hostile")
    models = [model(client, payload) for payload in PAYLOADS]
    assert all(payload[:80] in made["name"] for payload, made in zip(PAYLOADS, models, strict=True)), "kept as they were typed"
    rows = folder / "rows.jsonl"
    rows.write_text("".join(json.dumps({"instruction": each, "output": f"{each} {each}"}, ensure_ascii=False) + "\n" for each in PAYLOADS))
    data = client.datasets.create(unlike(PAYLOADS[0]), "Text", desc=PAYLOADS[2])
    for payload in PAYLOADS[1:6]:
        client.datasets.create(unlike(payload), "Text", desc=payload)
    version = imported(client, data, rows)
    for payload in PAYLOADS[:6]:
        client.call("POST", "/keys", name=payload[:60], valid_days=1)
    return {
        "models": ["/models", "/models?view=board", *(f"/models/{each['id']}" for each in models)],
        "settings": [f"/models/{each['id']}?tab=settings" for each in models[::6]],
        "data": ["/datasets", f"/datasets/{data['id']}", f"/datasets/versions/{version}", f"/datasets/versions/{version}?tab=records"],
        "others": ["/", "/keys", "/audit", "/training", f"/datasets/versions/{version}?tab=fields", f"/datasets/versions/{version}/clean"],
    }


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


def test_sixty_hostile_texts_are_text(browser: Browser, platform: Platform, person: Person, hostile: dict[str, list[str]]) -> None:
    opened = window(browser, platform)
    seen = watched(opened)
    opened.sign_in(person)
    wrong: dict[str, list[str]] = {}
    for path in (each for paths in hostile.values() for each in paths):
        opened.open(path)
        page = opened.page
        said = [*seen, *opened.complaints, *page.evaluate("window.refused")]
        said += ["a script of it ran"] if page.evaluate("'hostile' in window") else []
        inside = "main :is(script, iframe, object, embed, base, meta, link, style, marquee, template, math, [onerror], [onload], [onfocus])"
        said += [f"became {each}" for each in page.eval_on_selector_all(inside, "all => all.map((each) => each.outerHTML.slice(0, 80))")]
        said += page.eval_on_selector_all("a[href]", "all => all.map((each) => each.href).filter((href) => !/^https?:/.test(href))")
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
