/** Geometries that hold many things each, so that a picture takes few calls. */
import { BufferAttribute, BufferGeometry, Color, LineBasicMaterial, LineSegments, ShapeUtils, Vector2, Vector3 } from "three";
import type { Arc, Paint } from "./scenedata";

const SUN = new Vector3(0.6, 1, 0.8).normalize();
const SUN_LIGHT = 2.1;
const SKY_LIGHT = 1.5;

/** Triangles of many prisms in one geometry, with the number of the prism of each triangle. */
export class Prisms {
  readonly places: number[] = [];
  readonly colors: number[] = [];
  readonly owners: number[] = [];

  add(ring: number[], z: number, h: number, color: [number, number, number], owner: number, caps = true, out = 1): void {
    const flat: Vector2[] = [];
    for (let i = 0; i < ring.length; i += 2) flat.push(new Vector2(ring[i], ring[i + 1]));
    if (ShapeUtils.isClockWise(flat)) flat.reverse();
    if (out !== 1) {
      const middle = flat.reduce((sum, p) => sum.add(p), new Vector2()).divideScalar(flat.length);
      for (const p of flat) p.sub(middle).multiplyScalar(out).add(middle);
    }
    const put = (p: Vector2, up: number): void => void this.places.push(p.x, up, -p.y);
    flat.forEach((p, i) => {
      const q = flat[(i + 1) % flat.length] as Vector2;
      for (const [corner, up] of [[p, z], [q, z], [q, z + h], [p, z], [q, z + h], [p, z + h]] as const) put(corner, up);
      this.owners.push(owner, owner);
    });
    if (caps)
      for (const face of ShapeUtils.triangulateShape(flat, [])) {
        for (const corner of face) put(flat[corner] as Vector2, z + h);
        this.owners.push(owner);
      }
    while (this.colors.length < this.places.length) this.colors.push(...color);
  }

  geometry(): BufferGeometry {
    const made = new BufferGeometry();
    made.setAttribute("position", new BufferAttribute(new Float32Array(this.places), 3));
    made.setAttribute("color", new BufferAttribute(new Float32Array(this.colors), 3));
    return made;
  }

  /** The geometry as the sun and the sky light it: neither they nor the prisms move, so that no picture need count it. */
  lit(): BufferGeometry {
    const made = this.geometry();
    made.computeVertexNormals();
    const normal = made.getAttribute("normal");
    const color = made.getAttribute("color");
    for (let i = 0; i < color.count; i += 1) {
      const facing = Math.max(0, SUN.x * normal.getX(i) + SUN.y * normal.getY(i) + SUN.z * normal.getZ(i));
      const light = (SKY_LIGHT + SUN_LIGHT * facing) / Math.PI;
      color.setXYZ(i, color.getX(i) * light, color.getY(i) * light, color.getZ(i) * light);
    }
    made.deleteAttribute("normal");
    return made;
  }
}

export function lines(points: number[], color: [number, number, number], opacity: number): LineSegments {
  const made = new BufferGeometry();
  made.setAttribute("position", new BufferAttribute(new Float32Array(points), 3));
  return new LineSegments(made, new LineBasicMaterial({ color: new Color(...color), transparent: true, opacity }));
}

/** Thin lines on the ground every 20 m, so that storeys below it are seen too. */
export function ground(corners: [number, number][], paint: Paint): LineSegments {
  const points: number[] = [];
  const side = (axis: 0 | 1): [number, number] => {
    const all = corners.map((p) => p[axis]);
    return [Math.floor(Math.min(...all) / 20) * 20 - 20, Math.ceil(Math.max(...all) / 20) * 20 + 20];
  };
  const [west, east] = side(0);
  const [south, north] = side(1);
  for (let x = west; x <= east; x += 20) points.push(x, 0, -south, x, 0, -north);
  for (let y = south; y <= north; y += 20) points.push(west, 0, -y, east, 0, -y);
  return lines(points, paint("line-strong"), 0.5);
}

/** Bows from one place to another, all of them in one drawing call; nothing where there are none. */
export function bows(arcs: Arc[], paint: Paint): LineSegments[] {
  const points: number[] = [];
  for (const { a, b } of arcs) {
    const high = 6 + Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) * 0.4;
    const at = (t: number): [number, number, number] => {
      const out = high * 4 * t * (1 - t);
      const [x, y, z] = [0, 1, 2].map((axis) => (a[axis] as number) * (1 - t) + (b[axis] as number) * t) as [number, number, number];
      return [x + out * 0.7, z + out * 0.2, -(y - out)];
    };
    for (let n = 0; n < 24; n += 1) points.push(...at(n / 24), ...at((n + 1) / 24));
  }
  if (!points.length) return [];
  // Seen through walls: most of them stay within one building.
  const drawn = lines(points, paint("star"), 0.95);
  (drawn.material as LineBasicMaterial).depthTest = false;
  drawn.renderOrder = 1;
  return [drawn];
}

/** A ring as corners. */
export function pairs(ring: number[]): [number, number][] {
  return Array.from({ length: ring.length / 2 }, (_none, i) => [ring[2 * i] as number, ring[2 * i + 1] as number]);
}

/** A ring of n corners has two triangles for each side and n − 2 for its top. */
export function triangles(ring: number[]): number {
  return ring.length + ring.length / 2 - 2;
}
