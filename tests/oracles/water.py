"""Filling, D-infinity, catchment area and wetness in the plainest way: one cell at a time."""

import numpy as np

# N NE E SE S SW W NW
STEPS = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]


def cells(z):
    return [(r, c) for r, c in np.ndindex(z.shape) if np.isfinite(z[r, c])]


def neighbour(z, cell, k):
    """The neighbour's index, or None where there is no data."""
    r, c = cell[0] + STEPS[k][0], cell[1] + STEPS[k][1]
    inside = 0 <= r < z.shape[0] and 0 <= c < z.shape[1]
    return (r, c) if inside and np.isfinite(z[r, c]) else None


def is_outlet(z, cell):
    return any(neighbour(z, cell, k) is None for k in range(8))


def fill_slow(z):
    """Planchon & Darboux: raise all cells, then lower them until nothing changes."""
    filled = np.where(np.isfinite(z), np.inf, np.nan).astype(z.dtype)
    changed = True
    while changed:
        changed = False
        for cell in cells(z):
            around = [neighbour(z, cell, k) for k in range(8)]
            level = min(-np.inf if n is None else filled[n] for n in around)
            new = max(z[cell], level)
            if new < filled[cell]:
                filled[cell], changed = new, True
    return filled


def bearings(cell_x, cell_y):
    return [np.arctan2(dc * cell_x, -dr * cell_y) % (2 * np.pi) for dr, dc in STEPS]


def drops_slow(z, cell):
    """Drops to the eight neighbours, missing ones on the plane through the opposite one."""
    known = [neighbour(z, cell, k) for k in range(8)]
    drops = [None if n is None else float(z[cell]) - float(z[n]) for n in known]
    for k in [0, 2, 4, 6, 1, 3, 5, 7]:
        if known[k] is not None:
            continue
        if known[(k + 4) % 8] is not None:
            drops[k] = -drops[(k + 4) % 8]
        else:
            drops[k] = drops[k - 1] + drops[(k + 1) % 8] if k % 2 else 0.0
    return drops


def steepest_slow(drops, cell_x, cell_y):
    """Tarboton's eight facets, with his names; direction None where nothing is lower."""
    bearing = bearings(cell_x, cell_y)
    best, direction = 0.0, None
    # clockwise from north: of facets equally steep (two shores of a lake) the first wins
    clockwise = [(0, 1), (2, -1), (2, 1), (4, -1), (4, 1), (6, -1), (6, 1), (0, -1)]
    for cardinal, turn in clockwise:
        d1, d2 = (cell_y, cell_x) if cardinal in (0, 4) else (cell_x, cell_y)
        e1, e2 = -drops[cardinal], -drops[(cardinal + turn) % 8]
        s1, s2 = (0 - e1) / d1, (e1 - e2) / d2
        r, s = np.arctan2(s2, s1), np.hypot(s1, s2)
        if r < 0:
            r, s = 0.0, s1
        if r > np.arctan2(d2, d1):
            r, s = np.arctan2(d2, d1), (0 - e2) / np.hypot(d1, d2)
        if s > best:
            best, direction = s, (bearing[cardinal] + turn * r) % (2 * np.pi)
    return direction, best


def flow_direction_slow(z, cell_x, cell_y):
    direction, gradient = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    flat = set()
    for cell in cells(z):
        towards, gradient[cell] = steepest_slow(drops_slow(z, cell), cell_x, cell_y)
        direction[cell] = -1 if towards is None else towards
        if towards is None and not is_outlet(z, cell):
            flat.add(cell)
    while flat:
        layer = {}
        for cell in flat:
            level = [neighbour(z, cell, k) for k in range(8)]
            drained = [n is not None and z[n] == z[cell] and n not in flat for n in level]
            if any(drained):
                depth = [
                    2 * (drained[k - 1] + drained[(k + 1) % 8]) + drained[k - 2] + drained[k - 6]
                    for k in range(8)
                ]
                # the steepest; among equals cardinal directions, and of these the first
                layer[cell] = max((depth[k], -(k % 2), -k, k) for k in range(8) if drained[k])[-1]
        if not layer:
            break
        for cell, k in layer.items():
            direction[cell] = bearings(cell_x, cell_y)[k]
        flat -= set(layer)
    return direction, gradient


def receivers_slow(direction, cell, cell_x, cell_y):
    """The cells that get water, and their shares: None for what leaves the map."""
    phi = direction[cell]
    if not phi >= 0:
        return []
    ring = [*bearings(cell_x, cell_y), 2 * np.pi]
    # a bearing rounded to float32 is still that bearing
    if np.min(np.abs(ring - phi)) < 1e-6:
        k = int(np.argmin(np.abs(ring - phi))) % 8
        return [(neighbour(direction, cell, k), 1.0)]
    k = int(np.searchsorted(ring, phi, side="right")) - 1
    share = (phi - ring[k]) / (ring[k + 1] - ring[k])
    return [
        (neighbour(direction, cell, k), 1 - share),
        (neighbour(direction, cell, (k + 1) % 8), share),
    ]


def catchment_area_slow(direction, cell_x, cell_y):
    """Catchment area by following each cell's water to its end, and the area that flows outside."""
    area = np.where(np.isnan(direction), np.nan, 0.0)
    left = 0.0

    def follow(cell, amount):
        nonlocal left
        area[cell] += amount
        towards = receivers_slow(direction, cell, cell_x, cell_y)
        if not towards and is_outlet(direction, cell):
            left += amount
        for to, share in towards:
            if to is None:
                left += amount * share
            else:
                follow(to, amount * share)

    for cell in cells(direction):
        follow(cell, cell_x * cell_y)
    return area, left


def contour_width_slow(direction, cell_x, cell_y):
    along = np.maximum(cell_x * np.abs(np.cos(direction)), cell_y * np.abs(np.sin(direction)))
    return np.where(direction < 0, np.sqrt(cell_x * cell_y), along)


def wetness_slow(z, cell_x, cell_y, min_gradient):
    direction, gradient = flow_direction_slow(fill_slow(z), cell_x, cell_y)
    area, _ = catchment_area_slow(direction, cell_x, cell_y)
    a = area / contour_width_slow(direction, cell_x, cell_y)
    return np.log(a / np.maximum(gradient, min_gradient))
