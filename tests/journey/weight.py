"""What a page weighs on the line: each file that a browser fetches, compressed, with headers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


@contextmanager
def weighing(page: "Page") -> Iterator[dict[str, float]]:
    """Bytes by address of what is fetched meanwhile; complete at the end. What the browser has kept
    is not fetched."""
    weights: dict[str, float] = {}
    addresses: dict[str, str] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def asked(event: dict[str, object]) -> None:
        addresses[str(event["requestId"])] = str(event["request"]["url"])  # type: ignore[index]

    def came(event: dict[str, float]) -> None:
        address = addresses[str(event["requestId"])]
        if event["encodedDataLength"] and not address.startswith("data:"):
            weights[address] = event["encodedDataLength"]

    network.on("Network.requestWillBeSent", asked)
    network.on("Network.loadingFinished", came)
    yield weights
    page.wait_for_load_state("networkidle")
    network.detach()
