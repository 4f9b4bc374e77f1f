"""Conversations that Rasa remembers: a cache in memory with a bound. The helpline's log is the truth."""

from collections import OrderedDict
from typing import Any, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class BoundedTrackerStore(InMemoryTrackerStore):
    """Forgets the conversation that was longest silent, beyond `conversations`.

    Forgetting costs nothing: the next turn is rebuilt from the slots in the request.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: Optional[EventBroker] = None,
        conversations: int = 500,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self.store: "OrderedDict[Text, Text]" = OrderedDict()
        self.conversations = conversations

    async def save(self, tracker: DialogueStateTracker) -> None:
        await super().save(tracker)
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > self.conversations:
            self.store.popitem(last=False)
