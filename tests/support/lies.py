"""Results of tasks as somebody would write them who lies about cells."""

import json

import numpy as np

from decoded import level_cells, opened, result_of
from eemt_core.files import xxh3_file
from eemt_core.tiles.contract import BLOCKS_FILE, RESULT_FILE, read_task
from eemt_core.tiles.encoded import LayerWriter, Layout


def with_cell(folder, name, cell, value, *, is_told=True):
    """Change a cell in the first layer of an array, in blocks and checksum as a liar would.

    `is_told` says whether the layer's statistics are those of the new cells, or stay.
    """
    task, result = read_task(folder), result_of(folder)
    with opened(folder) as (descriptor, index):
        numbers = [
            (array, layer)
            for array, count in index.layout.layers.items()
            for layer in ([None] if count is None else range(count))
        ]
        cells = {
            key: level_cells(descriptor, index.record(*key), task.encoding.codec) for key in numbers
        }
        before = {key: index.record(*key).statistics for key in numbers}
    first = next(key for key in numbers if key[0] == name)
    cells[first][cell] = value
    writer = LayerWriter(folder / BLOCKS_FILE, task.encoding.piece)
    for (array, layer), values in cells.items():
        circular = array in task.encoding.circular
        writer.put(array, layer, values, task.encoding.codec, circular=circular)
    encoded = writer.finish()
    if not is_told:
        keep_statistics(folder, encoded, first, before[first])
    document = json.loads((folder / RESULT_FILE).read_text())
    told = {"bytes": encoded.bytes, "xxh3": xxh3_file(folder / BLOCKS_FILE)}
    document["encoded"] = {**told, "layers": dict(result.encoded.layers)}
    (folder / RESULT_FILE).write_text(json.dumps(document))


def keep_statistics(folder, encoded, key, statistics):
    """Write statistics into the record of a layer."""
    layout = Layout(read_task(folder).encoding.piece, encoded.layers)
    size = layout.kind.itemsize
    with (folder / BLOCKS_FILE).open("r+b") as file:
        at = encoded.bytes - (layout.count - layout.number(*key)) * size
        file.seek(at)
        record = np.frombuffer(file.read(size), layout.kind).copy()
        for field, number in statistics._asdict().items():
            record[field] = number
        file.seek(at)
        file.write(record.tobytes())
