"""Conversations that Rasa remembers: a cache in memory with a bound. The helpline's log is the truth."""
from collections import OrderedDict
from typing import Any, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class BoundedTrackerStore(InMemoryTrackerStore):
    """Forgets the oldest conversation beyond `conversations`, and any conversation with more than `events` events.

    Forgetting costs nothing: the next turn is rebuilt from the slots in the request.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: Optional[EventBroker] = None,
        conversations: int = 500,
        events: int = 400,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self.store: "OrderedDict[Text, Text]" = OrderedDict()
        self.conversations = conversations
        self.events = events

    async def save(self, tracker: DialogueStateTracker) -> None:
        if len(tracker.events) > self.events:
            self.store.pop(tracker.sender_id, None)
            return
        await super().save(tracker)
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > self.conversations:
            self.store.popitem(last=False)
