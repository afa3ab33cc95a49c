"""What Celery's connection to Redis needs on top, so that a worker survives a reset of it and is
back soon after an outage, however long that was.

A worker whose connection breaks while it acknowledges a message drops the connection and then
closes its channels. One that still holds a message tries to put it back, by a connection that is
not there any more: an ``AttributeError`` ends the whole worker (kombu 5.7.0 with Celery 5.7.0). The
message is not lost: Redis gives it again after the visibility timeout, and the sweep is quicker.
"""

import logging
from typing import Any

import kombu
from celery.app import amqp
from kombu.transport import redis

logger = logging.getLogger(__name__)

# Between two tries to reach a broker that is away, in seconds.
LONGEST_WAIT = 10


class Connection(kombu.Connection):
    """Tries again every ten seconds at the least: kombu would come to half a minute between two."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        return super().ensure_connection(*args, **{"interval_max": LONGEST_WAIT, **kwargs})


class AMQP(amqp.AMQP):
    Connection = Connection
    BrokerConnection = Connection


class ForgivingQoS(redis.QoS):
    def restore_unacked_once(self, stderr: Any = None) -> None:
        try:
            super().restore_unacked_once(stderr)
        except AttributeError:
            if self.channel.connection.client is not None:
                raise
            logger.warning("The connection to the broker is gone; unfinished messages come again.")


def install() -> None:
    redis.Channel.QoS = ForgivingQoS
