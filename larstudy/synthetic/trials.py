"""Trying analyses on many cohorts of a world: in blocks, kept by content, on one machine or on many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from larstudy.progress import progress
from larstudy.stats.arrays import FloatArray
from larstudy.synthetic.analyses import COLUMNS, analysis_of, cells_of
from larstudy.synthetic.cohorts import generate
from larstudy.synthetic.kept import content_key, keep, kept, world_content
from larstudy.synthetic.score_cohorts import BLOCK, ScoreCohorts, draw_block
from larstudy.synthetic.study_designs import StudyDesign
from larstudy.synthetic.worlds import World

#: Goes into the key of everything kept: raised when the same question would get another answer.
_VERSION: Final = 1
#: Of each cohort and analysis: what the analysis says, and the standard deviation at entry.
TRIED: Final = (*COLUMNS, "sd")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Task:
    """What is to be tried: analyses of one contrast on cohorts of one world.

    Attributes
    ----------
    world : World
    design : StudyDesign or None
        None for cohorts at item level, of the size of the world.
    outcome : str
        At item level: ``global``, ``social`` or ``total``.
    weights : tuple of float
        Of the change groups.
    analyses : tuple of str
    seed : int
    """

    world: World
    design: StudyDesign | None
    outcome: str
    weights: tuple[float, ...]
    analyses: tuple[str, ...]
    seed: int


def run_block(task: Task, block: int, count: int = BLOCK) -> dict[str, FloatArray]:
    """Try the analyses of a task on one block of cohorts.

    Parameters
    ----------
    task : Task
    block : int
        Cohorts ``block * BLOCK`` and on.
    count : int
        How many of the block.

    Returns
    -------
    dict of str to ndarray, shape (count, 5)
        By analysis; columns `TRIED`.
    """
    cohorts = _cohorts(task, block, count)
    cells = cells_of(cohorts)
    sd = cells.baseline_sd()[:, None]
    weights = np.asarray(task.weights)
    return {
        name: np.column_stack([analysis_of(name).ask(cohorts, cells, weights), sd]) for name in task.analyses
    }


def _cohorts(task: Task, block: int, count: int) -> ScoreCohorts:
    if task.design is not None:
        return draw_block(task.world, task.design, seed=task.seed, block=block).part(count)
    drawn = generate(task.world, n_cohorts=count, seed=task.seed, first=block * BLOCK)
    return ScoreCohorts(
        before=drawn.before(task.outcome),
        after=drawn.after(task.outcome),
        entry=drawn.networks[:, 0],
        end=drawn.networks[:, 1],
        groups=drawn.groups,
        clusters=drawn.facility,
        numbers=tuple(range(block * BLOCK, block * BLOCK + count)),
    )


def try_out(
    task: Task,
    n_cohorts: int,
    *,
    cache: Path | None = None,
    client: Any = None,
    quiet: bool = False,
) -> dict[str, FloatArray]:
    """Try the analyses of a task on many cohorts.

    Parameters
    ----------
    task : Task
    n_cohorts : int
    cache : Path, optional
        A folder. What is found there is not computed anew, and what is computed is kept there block by block,
        so that a run that was stopped goes on where it was. Nothing is kept unless it is given.
    client : dask.distributed.Client, optional
        Its workers take the blocks.
    quiet : bool
        Show no progress.

    Returns
    -------
    dict of str to ndarray, shape (n_cohorts, 5)
        By analysis; columns `TRIED`. The same numbers whatever the cache, the client and the blocks.
    """
    counts = [min(BLOCK, n_cohorts - start) for start in range(0, n_cohorts, BLOCK)]
    found: dict[tuple[str, int], FloatArray] = {}
    todo = []
    for block, count in enumerate(counts):
        for name in task.analyses:
            known = _whole(kept(cache, _key(task, name, block)), count)
            if known is not None:
                found[name, block] = known
        missing = tuple(name for name in task.analyses if (name, block) not in found)
        if missing:
            todo.append((replace(task, analyses=missing), block, count))
    what = f"world '{task.world.id}', blocks of {BLOCK} cohorts"
    for (part, block, _), answer in zip(
        todo, progress(_answers(todo, client), total=len(todo), what=what, quiet=quiet), strict=True
    ):
        for name, values in answer.items():
            found[name, block] = values
            keep(cache, _key(part, name, block), values)
    return {
        name: np.concatenate([found[name, block] for block in range(len(counts))]) for name in task.analyses
    }


def _answers(todo: Sequence[tuple[Task, int, int]], client: Any) -> Iterator[dict[str, FloatArray]]:
    if client is None:
        for part in todo:
            yield run_block(*part)
        return
    for future in [client.submit(run_block, *part, pure=False) for part in todo]:
        yield future.result()


def _key(task: Task, name: str, block: int) -> str:
    return content_key(
        {
            "version": _VERSION,
            "world": world_content(task.world),
            "design": None if task.design is None else asdict(task.design),
            # Cohorts of a design have one score.
            "outcome": task.outcome if task.design is None else "",
            "weights": task.weights,
            "analysis": name,
            "seed": task.seed,
            "block": block,
        }
    )


def _whole(values: FloatArray | None, count: int) -> FloatArray | None:
    """Return the first cohorts of what is kept of a block; None where there are not as many."""
    if values is None or values.ndim != 2 or values.shape[1] != len(TRIED) or len(values) < count:
        return None
    return values[:count]
