"""Rasa that serves without TensorFlow, which no component of config.yml uses.

Rasa 3.6 imports TensorFlow at each start: for its own neural components, and for three classes that train them. With
stand-ins for those modules a start takes a third of the time and a process half of the memory, and a bot that
was killed is back sooner. A training still uses the real ones. The stand-ins fit the one version that the lock file pins; with another one nothing is done.
"""

import sys
from types import ModuleType
from typing import Any, Text

FITS = "3.6.21"
CALLBACKS, DATA, COMPONENTS, VALIDATOR = (
    "rasa.utils.tensorflow.callback",
    "rasa.utils.tensorflow.data_generator",
    "rasa.engine.recipes.default_components",
    "rasa.graph_components.validators.default_recipe_validator",
)


class NoTraining:
    """In the place of a class that trains a neural component."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("this bot runs without TensorFlow; see bot/light.py")


def _stand_in(name: Text, **contents: Any) -> ModuleType:
    module = ModuleType(name, f"Stand-in, see {__name__}.")
    vars(module).update(contents)
    sys.modules[name] = module
    return module


def without_tensorflow() -> bool:
    """To be called before the first import of Rasa's core; True when the stand-ins are there."""
    from rasa.version import __version__

    if __version__ != FITS or COMPONENTS in sys.modules:
        return False
    _stand_in(CALLBACKS, RasaTrainingLogger=NoTraining, RasaModelCheckpoint=NoTraining)
    _stand_in(DATA, RasaBatchDataGenerator=NoTraining)
    _stand_in(VALIDATOR, DefaultV1RecipeValidator=NoTraining)  # checks a configuration before a training
    components = _stand_in(COMPONENTS, DEFAULT_COMPONENTS=[])

    # Importing a component registers it. These are the ones of Rasa that config.yml names.
    from rasa.core.policies.rule_policy import RulePolicy
    from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
    from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer

    vars(components)["DEFAULT_COMPONENTS"] = [CountVectorsFeaturizer, FallbackClassifier, RulePolicy]
    return True
