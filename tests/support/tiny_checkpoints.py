"""Checkpoints of a few kilobytes, written as transformers writes them."""

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

WORDS = "river stone window garden letter market winter yellow quiet engine number pepper silver monday".split()
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
TINY = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 32,
    "type_vocab_size": 2,
}


def tokenizer():
    """Knows `WORDS` alone."""
    words = Tokenizer(models.WordLevel({word: n for n, word in enumerate((*SPECIAL, *WORDS))}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=words, **names)


def save(folder, seed=0, **config):
    """A BERT for sequences with its tokenizer in `folder`; the model."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = BertForSequenceClassification(BertConfig(**TINY | config))
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return model.eval()
