"""A tokenizer for the synthetic texts, trained in place of a downloaded one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
VOCABULARY_SIZE = 4096
_CONTINUED = "##"


def train_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """WordPiece, uncased, at most 4096 pieces, `[CLS] a [SEP] b [SEP]` with token types 0 and 1.

    The same texts give the same pieces with the same numbers, in every process.
    """
    return with_vocabulary(vocabulary(list(texts)))


def with_vocabulary(pieces: Mapping[str, int]) -> PreTrainedTokenizerFast:
    """The tokenizer of a `vocabulary`."""
    tokenizer = _untrained(pieces)
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(piece, SPECIAL.index(piece)) for piece in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def vocabulary(texts: list[str]) -> Mapping[str, int]:
    """Pieces with their numbers.

    The library's trainer numbers the characters that continue a word in the order of a hash table, another one each
    time, and breaks ties between equally frequent pairs by these numbers. Pieces that it is given have their numbers
    beforehand: so all of those characters are given. It would take them for special tokens, which is why only the
    vocabulary of what it trains is used.
    """
    trained = _untrained()
    given = [*SPECIAL, *_continuations(texts, trained)]
    trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY_SIZE, special_tokens=given, show_progress=False)
    trained.train_from_iterator(texts, trainer)
    return trained.get_vocab()


def _continuations(texts: list[str], tokenizer: Tokenizer) -> list[str]:
    """`##x` of every character x of the texts that can stand within a word, sorted."""
    written = {character for text in texts for character in set(text)}
    normal = {character for one in written for character in tokenizer.normalizer.normalize_str(one)}
    split = tokenizer.pre_tokenizer.pre_tokenize_str
    return [_CONTINUED + character for character in sorted(normal) if len(split(f"a{character}a")) == 1]


def _untrained(pieces: Mapping[str, int] | None = None) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(dict(pieces or {}), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer
