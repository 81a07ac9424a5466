"""Where a fine-tuned model is left: in a scratch folder for its targets, in the run folder to be used again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchbench.errors import Missing, one_line
from benchbench.models.source import ModelSource
from benchbench.runs import atomic, cell_folders
from benchbench.studies.quality.experiment import Experiment


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, also where this process is killed but its run goes on or is started again."""
    with TemporaryDirectory(prefix="deployment-", dir=cell_folders.here().scratch) as folder:
        yield Path(folder)


def keep(experiment: Experiment) -> str | None:
    """Leave the model in the run folder where the run asks for that, whole or not at all; why not where that failed."""
    place = cell_folders.here().model
    if place is None:
        return None
    try:
        with atomic.folder(place) as folder:
            if isinstance(saved := left_in(folder, experiment), Missing):
                raise OSError(saved.reason)
    except OSError as error:
        return error.strerror or str(error)
    return None


def left_in(folder: Path, experiment: Experiment) -> ModelSource | Missing:
    """The model as it stands, saved in `folder`; the reason where the disk takes no more."""
    try:
        return experiment.save(folder)
    except Exception as error:  # of the disk, as the library that writes the weights has it
        atomic.remove(folder)
        return Missing(f"the model could not be saved: {one_line(error)}")
