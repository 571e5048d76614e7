"""The seam to the places copy goes: one publisher per kind of target, named by its channel."""

from typing import Protocol

from catalog.models import Channel
from review.errors import PublisherUnknown
from review.models import Publication
from review.publishers.storefront import StorefrontPublisher


class Publisher(Protocol):
    """Puts texts on a target and takes them down again.

    Both calls are safe to repeat: the publication's key says whether the target has heard of it.
    `is_local` is True when the target is in Galley's own database. Taking a text down is then
    part of the person's own transaction; otherwise it goes through the queue, because a service
    does not wait for a network.

    Raises:
        DeliveryFailed: the target refused; the words are the target's.
        OSError: the target could not be reached.
    """

    is_local: bool

    def publish(self, publication: Publication) -> str:
        """Place the text under its key; return what the target calls it."""

    def withdraw(self, publication: Publication) -> None:
        """Take down what was placed under this key; nothing there is fine too."""


PUBLISHERS: dict[str, Publisher] = {"storefront": StorefrontPublisher()}


def get_publisher(channel: Channel) -> Publisher:
    """Find the publisher that a channel names.

    Raises:
        PublisherUnknown: there is none of that name.
    """
    try:
        return PUBLISHERS[channel.publisher]
    except KeyError:
        raise PublisherUnknown(publisher=channel.publisher, channel=channel.name) from None
