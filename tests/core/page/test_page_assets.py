"""The files of the page: their types, what is kept of them, and that nothing else of this machine is served."""

from __future__ import annotations

import re

import pytest

from rushes.page.assets import FOLDER, TYPES, Assets
from rushes.page.linked import linked_script

OUTSIDE = [
    "/../door.py", "/lib/../../door.py", "/%2e%2e/door.py", "/..%2fdoor.py", "/lib/%2e%2e/%2e%2e/door.py", "/./app.js",
    "/lib/..%5c..%5cdoor.py", "//app.js", "/app.js/", "/app.js%00", "/app.js%00.js", "/lib", "/lib/", "/static/app.js",
    "/../../../../../../etc/passwd", "/etc/passwd", "/..;/door.py", "/%252e%252e/door.py", "/APP.JS", "/app.js%20",
    "/vendor/../app.js", "/file:///etc/passwd", "http://127.0.0.1/app.js", "*",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
async def test_no_address_leads_out_of_the_folder(browser, path):
    answer = await browser.get(path)
    assert answer.status == 401
    assert b"import" not in answer.body
    assert b"root:" not in answer.body


async def test_a_file_comes_with_its_type_and_is_asked_for_again_by_its_tag(browser):
    answer = await browser.get("/app.js")
    assert answer.body == linked_script(FOLDER / "app.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    tag = answer.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    for known in (tag, f'W/{tag}, "x"', f'"x",{tag}'):
        again = await browser.get("/app.js", If_None_Match=known)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == tag
    assert (await browser.get("/app.js", If_None_Match='"x"')).status == 200


async def test_the_head_alone(browser):
    answer = await browser.ask("HEAD", "/app.js")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) == len(linked_script(FOLDER / "app.js"))


async def test_the_document_is_kept_by_nobody(browser):
    answer = await browser.get("/", If_None_Match=(await browser.get("/")).headers["etag"])
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_every_file_that_the_page_names_is_served(browser):
    named = re.findall(r'(?:src|href)="([^"#]+)"', (FOLDER / "index.html").read_text())
    assert named
    for path in named:
        assert (await browser.get(f"/{path}")).status == 200


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "static"
    (folder / "lib").mkdir(parents=True)
    for name, text in {
        "index.html": "index", "app.js": 'import { a } from "./lib/a.js";\n', "before.js": "before",
        "lib/a.js": "export const a = 1;\n", "lib/notes.py": "", "lib/.hidden": "", "secret": "",
        "style.css": "one", "lib/b.css": "two",
    }.items():  # fmt: skip
        (folder / name).write_text(text)
    return folder


def test_only_what_is_a_file_of_the_page(folder, tmp_path):
    (tmp_path / "out.js").write_text("out")
    (tmp_path / "out.css").write_text("out")
    (folder / "link.js").symlink_to(tmp_path / "out.js")
    (folder / "lib" / "link.css").symlink_to(tmp_path / "out.css")
    assets = Assets(folder)
    for path in ("/", "/index.html", "/app.js", "/before.js", "/style.css"):
        assert path in assets
    for path in ("/lib/a.js", "/lib/notes.py", "/lib/.hidden", "/secret", "/link.js", "", "app.js"):
        assert path not in assets
    assert assets.get("/app.js").media_type == TYPES[".js"]
    assert assets.get("/before.js").content == b"before"
    assert assets.get("/style.css").content == b"one\ntwo"


@pytest.mark.parametrize(
    ("path", "file"), [("/app.js", "lib/a.js"), ("/style.css", "lib/b.css"), ("/", "index.html")]
)
def test_what_is_served_follows_every_file_that_it_is_made_of(folder, path, file):
    assets = Assets(folder)
    before = assets.get(path)
    assert assets.get(path) is before
    (folder / file).write_text("export const a = 'changed';\n")
    after = assets.get(path)
    assert b"changed" in after.content
    assert after.etag != before.etag


def test_everything_in_the_folder_has_a_type():
    odd = [path for path in FOLDER.rglob("*") if path.is_file() and path.suffix not in TYPES]
    assert [path for path in odd if path.name != "LICENSES"] == []
