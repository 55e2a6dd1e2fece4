"""Stand-ins over real HTTP: the Hugging Face hub with one data set, and a server with one file."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

REPOSITORY = "THU-KEG/Arena-Write"
COMMIT = "1" * 40


@contextmanager
def serve(files: dict[str, bytes]) -> Iterator[str]:
    """Serve the files of the data set; yield the address for HF_ENDPOINT."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer()

        do_GET = do_POST = do_HEAD  # noqa: N815 - the names that http.server calls

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = unquote(urlsplit(self.path).path).strip("/")
            dataset = f"api/datasets/{REPOSITORY}"
            resolve = f"datasets/{REPOSITORY}/resolve/"
            if path in {dataset, f"{dataset}/revision/main", f"{dataset}/revision/{COMMIT}"}:
                siblings = [{"rfilename": name} for name in files]
                self.send(json.dumps({"id": REPOSITORY, "sha": COMMIT, "siblings": siblings, "tags": []}).encode())
            elif path.startswith((f"{dataset}/tree/", f"{dataset}/paths-info/")):
                tree = [
                    {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                    for name, data in files.items()
                ]
                self.send(json.dumps(tree).encode())
            elif path.startswith(resolve) and path.removeprefix(resolve).partition("/")[2] in files:
                self.send(files[path.removeprefix(resolve).partition("/")[2]])
            else:
                self.send(b"", status=404)

        def send(self, data: bytes, *, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            if status == 404:
                self.send_header("X-Error-Code", "EntryNotFound")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with _running(Handler) as address:
        yield address


@contextmanager
def serve_file(data: bytes) -> Iterator[str]:
    """Serve one file; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with _running(Handler) as address:
        yield f"{address}/file.jsonl"


@contextmanager
def _running(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
