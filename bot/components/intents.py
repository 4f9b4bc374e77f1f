"""Which dialogue act a message is: logistic regression over letter groups and sentence meaning.

Rasa's LogisticRegressionClassifier joins raw counts and the sentence vector as they are. Counts of a long story then
drown the vector, and the vectors of this model lie close together (cosine 0.75 to 1). Here the counts are damped and
brought to length 1, and the vector is centred and stretched. The figures are in config.yml.
"""

import json
from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


def counts_of(messages: List[Message]) -> csr_matrix:
    """Letter groups, shape (n, vocabulary): 1 + log(count), each row of length 1."""
    rows = [message.get_sparse_features(TEXT)[1].features for message in messages]
    counts = csr_matrix(vstack(rows)).astype(np.float64)
    counts.data = 1.0 + np.log(counts.data)
    length = np.sqrt(counts.multiply(counts).sum(axis=1)).A1
    length[length == 0] = 1.0
    return csr_matrix(counts.multiply(1.0 / length[:, None]))


def vectors_of(messages: List[Message]) -> np.ndarray:
    """Sentence meaning, shape (n, 384)."""
    return np.vstack([message.get_dense_features(TEXT)[1].features for message in messages]).astype(np.float64)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentReader(IntentClassifier, GraphComponent):
    """Sets `intent` and `intent_ranking`. The same examples always give the same model."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"C": 10.0, "stretch": 4.0, "max_iter": 300, "random_state": 1712, "ranking_length": 5}

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        names: Optional[List[Text]] = None,
        weights: Optional[Dict[Text, np.ndarray]] = None,
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._names = names or []
        self._weights = weights or {}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IntentReader":
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        vectors = vectors_of(examples)
        centre = vectors.mean(axis=0)
        features = hstack([counts_of(examples), csr_matrix((vectors - centre) * self._config["stretch"])]).tocsr()
        model = LogisticRegression(
            C=self._config["C"],
            class_weight="balanced",
            solver="lbfgs",
            max_iter=self._config["max_iter"],
            random_state=self._config["random_state"],
        )
        model.fit(features, [example.get(INTENT) for example in examples])
        self._names = [str(name) for name in model.classes_]
        self._weights = {
            "coef": model.coef_.astype(np.float32),
            "intercept": model.intercept_.astype(np.float32),
            "centre": centre.astype(np.float32),
        }
        self._persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if not self._names or not message.get(TEXT):
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                continue
            chances = self._chances(message)
            order = np.argsort(-chances, kind="stable")[: self._config["ranking_length"]]
            ranking = [{"name": self._names[i], "confidence": float(chances[i])} for i in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _chances(self, message: Message) -> np.ndarray:
        counts = counts_of([message])
        vector = (vectors_of([message])[0] - self._weights["centre"]) * self._config["stretch"]
        coef = self._weights["coef"]
        split = counts.shape[1]
        scores = coef[:, counts.indices] @ counts.data + coef[:, split:] @ vector + self._weights["intercept"]
        powers = np.exp(scores - scores.max())
        return powers / powers.sum()

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / "weights.npz", **self._weights)
            (folder / "names.json").write_text(json.dumps(self._names), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "IntentReader":
        with model_storage.read_from(resource) as folder:
            names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz") as stored:
                weights = {key: stored[key] for key in stored.files}
        return cls(config, model_storage, resource, names, weights)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        if config.get("C", 1.0) <= 0:
            raise ValueError("C must be above 0")
