"""The page's modules put together: each once, what is imported first, and nothing that is not understood."""

from __future__ import annotations

import re

import pytest

from rushes.page.assets import FOLDER
from rushes.page.linked import UnlinkedError, linked_script, linked_style


def write(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "app.js"


def linked(folder, **modules):
    return linked_script(write(folder, **modules)).decode()


def test_a_module_comes_once_and_before_who_imports_it(tmp_path):
    text = linked(
        tmp_path,
        app='import { b } from "./b.js";\nimport { c } from "./c.js";\nb(c);\n',
        b='import { c } from "./c.js";\nexport function b() { return c; }\n',
        c="export const c = 1;\n",
    )
    assert re.findall(r"^// (.*)", text, re.MULTILINE) == ["c.js", "b.js", "app.js"]
    assert not re.search(r"^(import|export)", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("export", "kept", "told"),
    [
        ("export const a = 1;", "const a = 1;", "a"),
        ("export function a() {}", "function a() {}", "a"),
        ("export async function a() {}", "async function a() {}", "a"),
        ("export async function* a() {}", "async function* a() {}", "a"),
        ("export function* a() {}", "function* a() {}", "a"),
        ("export class a extends B {}", "class a extends B {}", "a"),
        ("export default function a() {}", "function a() {}", "default: a"),
        ("const x = 1; export{x as a,y};", "const x = 1; ", "a: x, y: y"),
        ("const x = 1;\nexport {\n  x as a,\n  y,\n};", "const x = 1;\n", "a: x, y: y"),
    ],
)
def test_each_export_is_what_its_function_returns(tmp_path, export, kept, told):
    text = linked(tmp_path, app='import { a } from "./m.js";\n', m=f"{export}\n")
    assert f"(() => {{\n{kept}" in text
    assert f"\nreturn {{ {told} }};\n" in text


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ('import { a } from "./m.js";', "const { a: a } = $module0;"),
        ('import { a, b as c } from "./m.js";', "const { a: a, b: c } = $module0;"),
        ('import {\n  a,\n  b,\n} from "./m.js";', "const { a: a, b: b } = $module0;"),
        ('import A from "./m.js";', "const { default: A } = $module0;"),
    ],
)
def test_each_import_takes_what_it_names(tmp_path, wanted, told):
    assert told in linked(tmp_path, app=f"{wanted}\n", m="")


def test_what_is_handed_on_is_that_of_the_other(tmp_path):
    text = linked(tmp_path, app='export { a, b as c } from "./m.js";\n', m="")
    assert "return { a: $module0.a, c: $module0.b };" in text


def test_the_word_in_a_text_is_no_import(tmp_path):
    text = linked(tmp_path, app='say("import { x } from here");\n  // export const x\n')
    assert 'say("import { x } from here");' in text


@pytest.mark.parametrize(
    "line",
    [
        'import "./m.js";',
        'import * as m from "./m.js";',
        "export let a = 1;",
        "export default 1;",
        'export * from "./m.js";',
    ],
)
def test_what_is_not_understood_is_not_served(tmp_path, line):
    with pytest.raises(UnlinkedError, match="more than is known here"):
        linked(tmp_path, app=f"{line}\n", m="")


def test_a_circle_is_told(tmp_path):
    with pytest.raises(UnlinkedError, match=r"circle: app\.js < b\.js < app\.js"):
        linked(tmp_path, app='import { b } from "./b.js";\n', b='import { a } from "./app.js";\n')


def test_the_whole_page_is_one_script():
    text = linked_script(FOLDER / "app.js").decode()
    there = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.js"))
    assert sorted(re.findall(r"^// (\S+\.js)$", text, re.MULTILINE)) == [
        name for name in there if name != "before.js"
    ]


def test_styles_are_joined_in_their_order(tmp_path):
    for name in ("a.css", "b.css"):
        (tmp_path / name).write_text(name)
    assert linked_style([tmp_path / "b.css", tmp_path / "a.css"]) == b"b.css\na.css"
