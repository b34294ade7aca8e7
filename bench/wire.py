"""A phone's connection, in as few lines as HTTP/1.1 allows: the load makers must not be what is measured."""

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4


class Wire:
    """One kept connection with a sign-in; opened anew when the other side has closed it."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(
        self, method: str, path: str, body: bytes = b"", *, of: str = "application/json", more: str = ""
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; ConnectionError or TimeoutError when there is no answer."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = (
            f"{method} /api/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: {of}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        )
        try:
            self.writer.write(head.encode() + body)
            return await self._answer()
        except (OSError, EOFError, asyncio.IncompleteReadError) as problem:
            self.close()
            raise ConnectionError from problem

    async def _answer(self) -> tuple[int, dict[str, str], bytes]:
        assert self.reader is not None
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        headers = {name.lower(): said.strip() for name, said in re.findall(r"(?m)^([\w-]+):(.*)$", head)}
        if "content-length" in headers:
            body = await self.reader.readexactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await self.reader.readline(), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        else:
            body = b""
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, headers, body

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def visit(home: str) -> dict[str, Any]:
    """A command that tells of somebody met, with three taps."""
    return command("visit.record", {"household": home, "outcome": "met", "well": True})


def command(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(uuid4()), "kind": kind, "at": datetime.now(UTC).isoformat(), "data": data}


def pushed(commands: list[dict[str, Any]]) -> bytes:
    return json.dumps({"commands": commands}).encode()
