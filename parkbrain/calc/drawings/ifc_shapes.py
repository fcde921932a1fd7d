"""The shapes of IFC spaces → outlines from above and heights [m]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import DrawingError
from .geometry import METRES, check_geometry

#: Triangles seen edge-on, and slivers between faces that nearly meet [m²; m].
_EDGE_ON_M2, _SEAM_M = 1e-6, 0.001


@dataclass(frozen=True)
class Shape:
    """The outline of a space from above (metres, axes of the file) and its height from lowest to highest point [m]."""

    plan: dict[str, Any]
    height_m: float


def read_shapes(model: Any, spaces: Sequence[Any]) -> dict[str, Shape]:
    """Return the shape of each space that has one, by GlobalId; a shape that cannot be made is left out."""
    import ifcopenshell.geom

    kernel: Any = ifcopenshell.geom
    settings = kernel.settings()
    settings.set("use-world-coords", True)
    shapes: dict[str, Shape] = {}
    for space in spaces:
        if space.Representation is None:
            continue
        try:
            made = kernel.create_shape(settings, space)
        except RuntimeError:
            continue
        shape = _shape(made.geometry.verts, made.geometry.faces)
        if shape is not None:
            shapes[space.GlobalId] = shape
    return shapes


def _shape(verts: Sequence[float], faces: Sequence[int]) -> Shape | None:
    """Return the outline of a body: the union of its faces as seen from above."""
    import numpy as np
    import shapely

    points = np.asarray(verts, dtype=float).reshape(-1, 3)
    corners = np.asarray(faces, dtype=int).reshape(-1, 3)
    if not len(points) or not len(corners):
        return None
    flat = points[corners][:, :, :2]
    across, along = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    seen = np.abs(across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]) / 2 > _EDGE_ON_M2
    if not seen.any():
        return None
    union = shapely.unary_union(shapely.polygons(flat[seen]), grid_size=_SEAM_M)
    # An outline of a thousand corners is a curve in triangles: a millimetre off it is the same room.
    outline = shapely.geometry.mapping(union.simplify(_SEAM_M))
    try:
        plan, _mended = check_geometry(outline, decimals=METRES)
    except DrawingError:
        return None
    return Shape(plan, float(points[:, 2].max() - points[:, 2].min()))
