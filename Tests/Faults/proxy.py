# SPDX-License-Identifier: MIT
"""A TCP proxy that cuts, resets and stalls the connections through it."""
import asyncio
import socket
import struct
import threading

BLOCK = 1 << 16


class Proxy:
    """Forwards connections to an address, in a thread of its own; may be told what to do from any thread."""

    def __init__(self, target, host="127.0.0.1"):
        self._target = target
        self._writers = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.address = self._call(self._listen(host))

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _listen(self, host):
        self._open = asyncio.Event()
        self._open.set()
        self._server = await asyncio.start_server(self._serve, host, 0)
        return self._server.sockets[0].getsockname()[:2]

    async def _serve(self, reader, writer):
        self._writers.add(writer)
        upstream = None
        try:
            # While it stalls, connections are taken and nothing is forwarded.
            await self._open.wait()
            source, upstream = await asyncio.open_connection(*self._target)
            self._writers.add(upstream)
            await asyncio.wait(
                [asyncio.ensure_future(self._pump(*pair)) for pair in ((reader, upstream), (source, writer))],
                return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            pass
        finally:
            for end in filter(None, (writer, upstream)):
                self._writers.discard(end)
                end.close()

    async def _pump(self, reader, writer):
        try:
            while data := await reader.read(BLOCK):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass

    async def _end(self, with_reset):
        for writer in list(self._writers):
            if with_reset:
                # The kernel then sends RST instead of FIN.
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _set(self, is_open):
        (self._open.set if is_open else self._open.clear)()

    def drop(self):
        """Closes all connections."""
        self._call(self._end(False))

    def reset(self):
        """Resets all connections."""
        self._call(self._end(True))

    def stall(self):
        """Forwards nothing from now on; new connections are taken, and stay silent."""
        self._call(self._set(False))

    def resume(self):
        """Forwards again, first what has come meanwhile."""
        self._call(self._set(True))

    async def _close(self):
        self._server.close()
        self._open.set()
        await self._end(False)
        if tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(tasks, timeout=5)

    def close(self):
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()
