"""Whether the hub answers, asked in passing: never waited for longer than a second."""

from __future__ import annotations

import json
from threading import Thread
from time import monotonic
from urllib.request import urlopen

_SECONDS = 1.0
_MODEL = "squeezebert/squeezebert-uncased"


class HubProbe:
    """Asks when it is made, beside whatever follows; `answers` says what came of it. Not with HF_HUB_OFFLINE set."""

    def __init__(self) -> None:
        from huggingface_hub import constants

        self._answered = False
        self._until = monotonic() + _SECONDS
        self._asking: Thread | None = None
        if not constants.HF_HUB_OFFLINE:
            self._asking = Thread(target=self._ask, args=(constants.ENDPOINT,), daemon=True)
            self._asking.start()

    def answers(self) -> bool:
        """Waits for the rest of the second."""
        if self._asking:
            self._asking.join(max(0.0, self._until - monotonic()))
        return self._answered

    def _ask(self, endpoint: str) -> None:
        try:
            with urlopen(f"{endpoint}/api/models/{_MODEL}", timeout=_SECONDS) as answer:
                self._answered = json.load(answer)["id"] == _MODEL  # a page of a network's own is no hub
        except Exception:  # no network, in whatever way the library says it: the suite needs none
            return
