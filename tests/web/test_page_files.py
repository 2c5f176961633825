"""The page's own files: kept by browsers for ever, yet new at once when they change; small; all of what they were."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from llm_service.web.page_files import PageFiles, page_blueprint
from llm_service.web.page_modules import Modules
from llm_service.web.site import static_folder

STATIC = static_folder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the page's files, to be changed."""
    return Path(shutil.copytree(STATIC, tmp_path / "static"))


@pytest.fixture
def client(folder: Path) -> FlaskClient:
    app = Flask("page")
    app.register_blueprint(page_blueprint(folder))
    return app.test_client()


def version_in(client: FlaskClient) -> str:
    found = re.search(r"/v/(\w+)/app\.js", client.get("/").text)
    assert found
    return found[1]


def test_addresses_have_a_version_and_what_is_there_never_changes(client: FlaskClient, folder: Path) -> None:
    version = version_in(client)
    index = client.get("/")
    assert index.headers["Cache-Control"] == "no-cache"
    assert client.get("/", headers={"If-None-Match": index.headers["ETag"]}).status_code == 304
    for address in re.findall(r'(?:src|href)="([^"]+)"', index.text):
        if address.startswith("/api/"):  # what the service says now
            continue
        answer = client.get(address)
        assert address.startswith(f"/v/{version}/") or address == "#", address
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"], address
    css = folder / "ui/ui.css"
    css.write_text(css.read_text() + "/* new */\n")
    assert version_in(client) != version
    assert client.get("/", headers={"If-None-Match": index.headers["ETag"]}).status_code == 200
    old = client.get(f"/v/{version}/ui/ui.css")
    assert old.text.endswith("/* new */\n")
    assert old.headers["Cache-Control"] == "no-store"
    for strange in ("../site.py", "%2e%2e/site.py", "nothing.js", "lib/../../site.py", "lib"):
        assert client.get(f"/v/{version}/{strange}").status_code == 404, strange


def test_texts_are_compressed_for_those_who_can_read_that(client: FlaskClient) -> None:
    address = f"/v/{version_in(client)}/first.js"
    small = client.get(address, headers={"Accept-Encoding": "br, gzip"})
    whole = client.get(address)
    assert small.headers["Content-Encoding"] == "gzip"
    assert small.headers["Vary"] == whole.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in whole.headers
    assert gzip.decompress(small.data) == whole.data
    assert len(small.data) < len(whole.data) / 3  # how much there may be, tests/browser/test_pages.py says
    refused = client.get(address, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_every_script_that_is_sent_is_a_module_and_exports_what_its_file_does(tmp_path: Path) -> None:
    """Node is the judge: it takes every file for a module, and names the exports of both."""
    files = PageFiles(STATIC)
    version, _ = files.index()
    modules = Modules(STATIC)
    for path in [*modules.first, "first.js", "live/worker.js"]:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = files.file(version, path)[1].body.decode()
        target.write_text(text.replace(f'"/v/{version}/', f'"{tmp_path.as_uri()}/'))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shared = [path for path in modules.first if path.startswith(("lib/", "stores/"))]
    script = f"""
      const names = async (root) => {{
        const found = {{}};
        for (const path of {json.dumps(shared)}) found[path] = Object.keys(await import(`${{root}}/${{path}}`)).sort();
        return found;
      }};
      globalThis.HTMLElement = class {{}};
      globalThis.document = {{ addEventListener() {{}} }};
      console.log(JSON.stringify([await names("{STATIC.as_uri()}"), await names("{tmp_path.as_uri()}")]));
    """
    workers = [path for path in (*STATIC.glob("l*/*worker.js"),) if path.is_file()]
    assert len(workers) == 3
    for worker in workers:
        text = files.file(version, worker.relative_to(STATIC).as_posix())[1].body.decode()
        assert "first.js" not in text, worker  # there is no HTMLElement in a worker
        (tmp_path / worker.name).write_text(text)
        checked = subprocess.run(
            ["node", "--check", tmp_path / worker.name], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
    done = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    plain, sent = json.loads(done.stdout)
    assert sent == plain
    assert sum(map(len, plain.values())) > 50


def test_a_plain_address_gives_the_module_of_the_version(client: FlaskClient) -> None:
    version = version_in(client)
    assert client.get("/lib/dom.js").text == f'export * from "/v/{version}/lib/dom.js";\n'
    assert f'export {{ default }} from "/v/{version}/pages/board/page.js"' in client.get("/pages/board/page.js").text
    assert "localStorage" in client.get("/lib/early.js").text  # no module: as it is
    assert client.get("/lib/nothing.js").status_code == 404
