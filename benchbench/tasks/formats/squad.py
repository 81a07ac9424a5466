"""Reading SQuAD's official JSON files, v1.1 and v2.0."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchbench.errors import InputError
from benchbench.tasks.formats.plain_text import UTF_8, content

_HINT = "give a JSON file in SQuAD's format: data, paragraphs, qas"


def columns(path: Path, encoding: str = UTF_8) -> dict[str, list[Any]]:
    """`id`, `question`, `context` and `answers` ({'text': […], 'answer_start': […]}) of all questions.

    A question marked impossible has no answers (v2.0). Raises `InputError` with file and place for what is missing,
    and for an answer that does not stand in its context where the file says.
    """
    read: dict[str, list[Any]] = {"id": [], "question": [], "context": [], "answers": []}
    for where, context, question in _questions(path, encoding):
        impossible = bool(question.get("is_impossible", False))
        answers = [] if impossible else _answers(question, context, where)
        read["id"].append(str(_get(question, "id", str, where, required=False) or len(read["id"])))
        read["question"].append(_get(question, "question", str, where))
        read["context"].append(context)
        read["answers"].append({"text": [text for text, _ in answers], "answer_start": [start for _, start in answers]})
    if not read["id"]:
        raise InputError(f"{path}: no questions; {_HINT}")
    return read


def _questions(path: Path, encoding: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    articles = _get(_json(path, encoding), "data", list, str(path))
    for i, article in enumerate(articles):
        for j, paragraph in enumerate(_get(article, "paragraphs", list, f"{path}, data[{i}]")):
            where = f"{path}, data[{i}].paragraphs[{j}]"
            context = _get(paragraph, "context", str, where)
            for k, question in enumerate(_get(paragraph, "qas", list, where)):
                yield f"{where}.qas[{k}]", context, question


def _answers(question: dict[str, Any], context: str, where: str) -> list[tuple[str, int]]:
    found = []
    for answer in _get(question, "answers", list, where):
        text, start = _get(answer, "text", str, where), _get(answer, "answer_start", int, where)
        if context[start : start + len(text)] != text:
            raise InputError(f"{where}: {text[:50]!r} is not in the context at {start}; answer_start counts characters")
        found.append((text, start))
    if not found:
        raise InputError(f"{where}: no answers; a question without one needs is_impossible: true")
    return found


def _json(path: Path, encoding: str) -> Any:
    try:
        return json.loads(content(path, _HINT, encoding))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: not JSON: {error.msg}; {_HINT}") from None
    except (ValueError, RecursionError) as error:  # a number of too many digits, lists in lists in lists
        raise InputError(f"{path}: not JSON: {str(error)[:100]}; {_HINT}") from None


def _get(holder: Any, key: str, kind: type, where: str, *, required: bool = True) -> Any:
    value = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(value, kind) or (value is None and not required):
        return value
    raise InputError(f"{where}: no {key!r} ({kind.__name__}); {_HINT}")
