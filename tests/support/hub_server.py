"""A hub of our own on the loopback interface: repositories are folders, all at one commit."""

import hashlib
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "5ca1ab1e" * 5
_API = re.compile(r"/api/(?P<kind>models|datasets)/(?P<repo>[^/]+/[^/]+)(?:/(?P<verb>[a-z-]+)(?:/(?P<rest>.*))?)?")
_FILE = re.compile(r"/(?P<kind>datasets/)?(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


@contextmanager
def serving(root: Path):
    """Serve ROOT/models/OWNER/NAME and ROOT/datasets/OWNER/NAME; yields the server's address."""
    handler = type("Handler", (_Handler,), {"root": root})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root: Path

    def do_GET(self):
        self._answer(b"")

    do_HEAD = do_GET

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def log_message(self, *_):
        pass

    def _answer(self, body):
        address = urlsplit(self.path)
        if api := _API.fullmatch(address.path):
            folder = self.root / api["kind"] / api["repo"]
            if not folder.is_dir():
                return self._missing("RepoNotFound")
            return self._api(folder, api["repo"], api["verb"], unquote(api["rest"] or ""), address.query, body)
        if file := _FILE.fullmatch(address.path):
            folder = self.root / ("datasets" if file["kind"] else "models") / file["repo"]
            if not folder.is_dir():
                return self._missing("RepoNotFound")
            return self._file(folder / unquote(file["path"]))
        return self._missing("EntryNotFound")

    def _api(self, folder, repo, verb, rest, query, body):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if verb in (None, "revision"):
            siblings = [{"rfilename": str(path.relative_to(folder))} for path in files]
            return self._json({"id": repo, "sha": COMMIT, "private": False, "tags": [], "siblings": siblings})
        if verb == "tree":
            return self._tree(folder, rest.removeprefix("refs/convert/parquet").partition("/")[2], query)
        if verb == "paths-info":
            is_json = "json" in (self.headers.get("Content-Type") or "")
            wanted = json.loads(body)["paths"] if is_json else parse_qs(body.decode())["paths"]
            present = [folder / path for path in ([wanted] if isinstance(wanted, str) else wanted)]
            return self._json([_entry(path, folder) for path in present if path.exists()])
        return self._missing("EntryNotFound")

    def _tree(self, folder, inside, query):
        start = folder / inside
        if not start.is_dir():
            return self._missing("EntryNotFound")
        recursive = parse_qs(query).get("recursive", ["false"])[0].lower() in ("true", "1")
        paths = start.rglob("*") if recursive else start.iterdir()
        return self._json([_entry(path, folder) for path in sorted(paths)])

    def _file(self, path):
        if not path.is_file():
            return self._missing("EntryNotFound")
        content = path.read_bytes()
        headers = {"ETag": f'"{_digest(path)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        code = 200
        if asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            content, code = content[first : last + 1], 206
        return self._send(code, content, headers)

    def _json(self, content):
        self._send(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _missing(self, code):
        self._send(404, b"{}", {"X-Error-Code": code, "X-Error-Message": "not here"})

    def _send(self, code, content, headers):
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _entry(path, folder):
    if path.is_dir():
        return {"type": "directory", "oid": COMMIT, "size": 0, "path": str(path.relative_to(folder))}
    size = path.stat().st_size
    return {"type": "file", "oid": _digest(path), "size": size, "path": str(path.relative_to(folder))}


def _digest(path):
    return hashlib.sha1(path.read_bytes()).hexdigest()
