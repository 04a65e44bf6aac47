"""Messages to another system, over httpx: for hosts that await, and for those that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Self

from fulfill_core import _checks
from fulfill_core.hosting.plans import OutboxRow
from fulfill_core.hosting.sending import Later, Never, SendAnswer, Sent
from fulfill_core.hosting.webhook.answers import answer_to
from fulfill_core.hosting.webhook.content import Webhook, WebhookAnswer
from fulfill_core.hosting.webhook.signing import signature_headers

try:
    import httpx
except ImportError as error:
    raise ImportError(
        "the notifiers of fulfill_core.hosting.webhook need httpx: "
        "pip install 'fulfill_core[webhook]'",
        name=error.name,
    ) from error

_TIMEOUT = timedelta(seconds=15)
_LONGEST_RESPONSE = 65_536


class AsyncWebhookNotifier:
    """Sends messages as signed requests: a `Notifier` over httpx, for asynchronous hosts.

    It follows no redirects, reads no environment (proxies are the client's), and never waits longer
    than its timeout, however slowly the other side answers. Close it by
    ``await notifier.aclose()``, or use it in an ``async with``.

    Args:
        compose: makes a webhook of an outbox row: any function. It may return what becomes of the
            message instead: `Sent` if nothing is to be sent, `Never` with the reason to park it.
        clock: gives the time, aware.
        timeout: how long all of it may take. Keep it below `Limits.hidden_for`.
        client: the host's own client, with its proxies and certificates; the host closes it. None
            for one of its own.

    >>> from datetime import timezone
    >>> from fulfill_core.hosting.webhook import payload
    >>> def compose(row):
    ...     return Webhook(url="https://erp.example/hooks", body=payload(row),
    ...                    secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    >>> notifier = AsyncWebhookNotifier(
    ...     compose, clock=lambda: datetime(2026, 3, 2, 12, tzinfo=timezone.utc))
    """

    def __init__(
        self,
        compose: Callable[[OutboxRow], WebhookAnswer],
        *,
        clock: Callable[[], datetime],
        timeout: timedelta = _TIMEOUT,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        _checks.check_callable("compose", compose)
        _checks.check_callable("clock", clock)
        _checks.check_duration("timeout", timeout)
        if not timeout:
            raise _checks.refuse("timeout", timeout, "is no time; pass some")
        self._compose, self._clock = compose, clock
        self._seconds = timeout.total_seconds()
        self._client, self._is_ours = client, client is None

    async def __call__(self, row: OutboxRow, /) -> SendAnswer:
        """Send it; what became of it."""
        hook = self._compose(row)
        if isinstance(hook, Sent | Later | Never):
            return hook
        if not isinstance(hook, Webhook):
            problem = "is no Webhook, and none of Sent, Later, Never; return one of them"
            raise _checks.refuse("what compose returned", hook, problem)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._sent(hook, row.id)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            return Never(reason=f"no address for a webhook: {_checks.message_of(error)}")
        except TimeoutError:
            return Later(reason=f"no answer within {self._seconds:g} s")
        except (httpx.HTTPError, OSError) as error:
            return Later(reason=_checks.in_one_line(_checks.message_of(error)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, unless they are those of the host's own client."""
        if self._is_ours and self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def _sent(self, hook: Webhook, row_id: str) -> SendAnswer:
        """Send a webhook; what became of it."""
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False)
        now = _checks.in_utc("clock()", self._clock())
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",  # a few words, as they are
            **{name.lower(): text for name, text in hook.headers.items()},
            **signature_headers(hook.body, row_id=row_id, secrets=hook.secrets, at=now),
        }
        request = self._client.build_request(
            "POST", hook.url, content=hook.body, headers=headers, timeout=None
        )
        response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            text = await _beginning(response)
        finally:
            await response.aclose()
        return answer_to(
            response.status_code,
            retry_after=response.headers.get("retry-after", ""),
            location=response.headers.get("location", ""),
            text=text,
            now=now,
        )


async def _beginning(response: httpx.Response) -> str:
    """The first words of a response.

    It is read to its end, so that its connection can be kept; but not if that is far: the other
    side could go on for ever.
    """
    content = b""
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > _LONGEST_RESPONSE:
            break
    return content[:1_000].decode("utf-8", "replace").strip()


def _is_in_a_loop() -> bool:
    """Whether an event loop of the host is running: then nobody may wait here."""
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        return True
    return False


class WebhookNotifier:
    """`AsyncWebhookNotifier` for hosts that wait: for one thread at a time.

    Only what is asynchronous can be stopped at any moment, and a worker that waits for ever sends
    nothing to anybody: so this runs that, in an event loop of its own. Close it, or use it in a
    ``with``.

    Args:
        compose: makes a webhook of an outbox row: any function. It may return what becomes of the
            message instead: `Sent` if nothing is to be sent, `Never` with the reason to park it.
        clock: gives the time, aware.
        timeout: how long all of it may take. Keep it below `Limits.hidden_for`.
        client: a client with the host's proxies and certificates. It lives in that loop: nobody
            else uses it, and it is closed with the notifier. None for one of its own.

    >>> from datetime import timezone
    >>> from fulfill_core.hosting import Sent
    >>> with WebhookNotifier(lambda row: Sent(),
    ...                      clock=lambda: datetime(2026, 3, 2, 12, tzinfo=timezone.utc)) as notify:
    ...     print(notify(None))
    Sent(event=None)
    """

    def __init__(
        self,
        compose: Callable[[OutboxRow], WebhookAnswer],
        *,
        clock: Callable[[], datetime],
        timeout: timedelta = _TIMEOUT,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._notifier = AsyncWebhookNotifier(compose, clock=clock, timeout=timeout, client=client)
        self._client = client
        self._runner = asyncio.Runner()
        self._is_closed = False

    def __call__(self, row: OutboxRow, /) -> SendAnswer:
        """Send it; what became of it."""
        if _is_in_a_loop():
            problem = "blocks the event loop that calls it; pass an AsyncWebhookNotifier"
            raise _checks.refuse("notifier", self, problem)
        return self._runner.run(self._notifier(row))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        if not self._is_closed:
            self._is_closed = True
            self._runner.run(self._notifier.aclose())
            if self._client is not None:
                self._runner.run(self._client.aclose())
            self._runner.close()
