"""Cells of a task's encoded results, put together from the blocks of full resolution."""

import os
from contextlib import contextmanager

import numpy as np

from eemt_core.tiles.contract import BLOCKS_FILE, read_result, read_task
from eemt_core.tiles.encoded import Layout, read_index
from eemt_core.tiles.task import WetnessWork


def result_of(folder):
    """What the task in a folder has left."""
    task = read_task(folder)
    names = {"encoded" if task.encoding else "arrays": task.outputs}
    if isinstance(task.work, WetnessWork):  # which leaves both
        names["arrays"] = task.outputs
    return read_result(folder, name=task.name, fingerprint=task.fingerprint, **names)


@contextmanager
def opened(folder):
    """The descriptor of a folder's encoded results, and their index."""
    encoded = result_of(folder).encoded
    layout = Layout(read_task(folder).encoding.piece, encoded.layers)
    descriptor = os.open(folder / BLOCKS_FILE, os.O_RDONLY)
    try:
        yield descriptor, read_index(descriptor, encoded.bytes, layout)
    finally:
        os.close(descriptor)


def level_cells(descriptor, record, codec, level=0):
    """The cells of one level of a layer."""
    edge, piece = record.piece.pyramid.edge_at(level), record.piece
    _, _, down, across = piece.block_window(level)
    offset, lengths = record.level(level)
    cells = np.empty((down * edge, across * edge), np.float32)
    for number, length in enumerate(lengths.tolist()):
        row, col = (edge * n for n in divmod(number, across))
        cells[row : row + edge, col : col + edge] = codec.decode(
            os.pread(descriptor, length, offset), edge
        )
        offset += length
    rows, cols = piece.shape(level)
    return cells[:rows, :cols]


def result_array(folder, name):
    """One of the arrays that the task in a folder has left: (rows, cols), or with layers before."""
    task, result = read_task(folder), result_of(folder)
    if name in result.arrays:
        return np.array(result.arrays[name].place.load(folder))
    count = result.encoded.layers[name]
    with opened(folder) as (descriptor, index):
        layers = [
            level_cells(descriptor, index.record(name, layer), task.encoding.codec)
            for layer in (range(count) if count else [None])
        ]
    return np.stack(layers) if count else layers[0]
