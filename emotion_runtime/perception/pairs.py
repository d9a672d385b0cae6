"""Owns how a line and the lines before it become token ids: the same for a model that runs and one that is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tokenizers import Tokenizer

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.results import Line
from emotion_runtime.perception.text_cleanup import clean_text

SAME_SPEAKER: Final = "me: "
OTHER_SPEAKER: Final = "you: "
MARKS: Final = (("[CLS]", "[SEP]"), ("<s>", "</s>"))
"""The tokens that begin and end a segment: BERT's, and RoBERTa's and MPNet's."""


class PairTokenizer:
    """Segment A is the line, segment B the last `context_lines` earlier lines, oldest first, each tagged.

    The line is never shortened for its context; of that, the newest is kept. At most `max_tokens` ids in all.
    """

    def __init__(self, tokenizer: str, *, max_tokens: int, context_lines: int, source: str = "tokenizer.json") -> None:
        """`tokenizer`: the text of a tokenizer.json; `source`: its name in errors. Raises ModelError."""
        self.max_tokens = max_tokens
        self.context_lines = context_lines
        self._tokenizer = _open(tokenizer, source)
        found = [pair for pair in MARKS if None not in map(self._tokenizer.token_to_id, pair)]
        if not found:
            raise ModelError(
                "broken_tokenizer", f"{source}: has neither [CLS] and [SEP] nor <s> and </s>", "use another tokenizer"
            )
        self._begin, self._end = map(self._tokenizer.token_to_id, found[0])

    def pair(self, text: str, context: Sequence[Line] = ()) -> tuple[tuple[int, ...], int]:
        """The network's input ids, and how many of them belong to segment A."""
        room = self.max_tokens - 3
        line = self._encode(clean_text(text))[:room]
        earlier: list[int] = []
        for said in reversed(context[-self.context_lines :] if self.context_lines else ()):
            tag = SAME_SPEAKER if said.same_speaker else OTHER_SPEAKER
            ids = self._encode(tag + clean_text(said.text))
            left = room - len(line) - len(earlier)
            if len(ids) > left:
                # The newest one is worth having in part; half of an older one only confuses.
                earlier = earlier or ids[:left]
                break
            earlier = ids + earlier
        first = (self._begin, *line, self._end)
        return (*first, *earlier, self._end) if earlier else first, len(first)

    def words(self, ids: Sequence[int]) -> list[str]:
        """The token behind each id, as the vocabulary writes it."""
        return [self._tokenizer.id_to_token(number) for number in ids]

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids


def _open(tokenizer: str, source: str) -> Any:
    try:
        opened = Tokenizer.from_str(tokenizer)
    except Exception as error:  # the Rust side raises bare Exception
        raise ModelError("broken_tokenizer", f"{source}: {str(error)[:300]}", "export the tokenizer again") from error
    opened.no_padding()
    opened.no_truncation()
    # A player may type "[SEP]": it must be read as those characters, not as the end of the line.
    opened.encode_special_tokens = True
    return opened
