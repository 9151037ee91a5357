"""A proxy in front of MeshCentral that ends TLS with a certificate of its own: another name, another port."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable
from types import TracebackType

from tests.e2e.tls import SelfSigned


class OffloadingProxy:
    """Listens on "localhost" and hands the bytes on to a MeshCentral on 127.0.0.1."""

    def __init__(
        self, certificate: SelfSigned, target: int, change: Callable[[bytes], bytes] = lambda data: data
    ) -> None:
        """`change` is done to what goes to MeshCentral."""
        self._change = change
        self._context = self._latest = certificate.context()
        self._context.sni_callback = self._present
        self._context.num_tickets = 0  # each connection shows its certificate: none goes on with what another has seen
        self._context.options |= ssl.OP_NO_TICKET
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.served: list[str] = []
        """The first line of what was asked for over each connection under the latest certificate."""

    def renew(self, certificate: SelfSigned) -> None:
        """Presents another certificate on connections made from now on."""
        self._latest = certificate.context()
        self.served = []

    def cut(self) -> None:
        """Ends the connections that are open; new ones are taken."""
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])

    def _present(self, connection: ssl.SSLObject | ssl.SSLSocket, name: str, context: ssl.SSLContext) -> None:
        connection.context = self._latest

    @property
    def site(self) -> str:
        return f"https://localhost:{self.port}"

    def __enter__(self) -> "OffloadingProxy":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE  # both ends are on this computer
        with contextlib.suppress(OSError, asyncio.CancelledError):
            far_in, far_out = await asyncio.open_connection("127.0.0.1", self._target, ssl=trusting)
            latest = near_out.get_extra_info("ssl_object").context is self._latest
            pumps = [
                asyncio.create_task(self._ask(near_in, far_out, latest)),
                asyncio.create_task(_pump(far_in, near_out)),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                far_out.close()
        near_out.close()

    async def _ask(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, latest: bool) -> None:
        first = await source.read(65536)
        if first and latest:
            self.served.append(first.partition(b"?")[0].partition(b"\r")[0].decode("latin-1"))
        target.write(self._change(first))
        await _pump(source, target, self._change)


async def _pump(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, change: Callable[[bytes], bytes] = lambda data: data
) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            target.write(change(data))
            await target.drain()
