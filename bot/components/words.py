"""Splits a message into words, and never returns none.

Rasa's WhitespaceTokenizer drops what is not a word, so that "???" has no tokens and no features at all;
a citizen may well send exactly that.
"""

import re
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

# A word with inner apostrophes and hyphens ("zo'n", "ex-man"), or one sign that is neither word nor space.
# Python's \s and \w are Unicode: no-break spaces separate, accents belong to words.
WORD = re.compile(r"\w+(?:['’\-]\w+)*|[^\w\s]")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class WordTokenizer(Tokenizer):
    """Words and single signs, with their offsets in the text."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Tokenizer:
        return cls(config)

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        text = message.get(attribute)
        found = [Token(match.group(), match.start()) for match in WORD.finditer(text)]
        return found or [Token(text or "…", 0)]
