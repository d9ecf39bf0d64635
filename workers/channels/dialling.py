"""Connections to hosts that users gave, for protocols other than HTTP: only to addresses of the public internet."""

from __future__ import annotations

import asyncio
import socket

from aiohttp.resolver import ThreadedResolver

from workers.http import PublicResolver, public_socket


async def dial_public(host: str, port: int) -> socket.socket:
    """A connected socket; the address that was checked is the one connected to. Raises OSError."""
    found = await PublicResolver(ThreadedResolver()).resolve(host, port, socket.AF_UNSPEC)
    failure: OSError | None = None
    for address in found:
        family = address["family"]
        sock = public_socket((family, socket.SOCK_STREAM, 0, "", (address["host"], port)))
        try:
            await asyncio.get_running_loop().sock_connect(sock, (address["host"], port))
        except OSError as refused:
            sock.close()
            failure = refused
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure or OSError(f"{host} has no address")
