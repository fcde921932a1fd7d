/** The park in three dimensions: few meshes, whatever its size; one call for each kind of thing. */
import {
  type BufferAttribute,
  type BufferGeometry,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshBasicMaterial,
  PerspectiveCamera,
  Raycaster,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { bows, ground, lines, pairs, Prisms, triangles } from "./prisms";
import { shares } from "./hours";
import type { Hours, House, Paint, SceneData, Slab } from "./scenedata";

export class ParkScene {
  readonly renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(32, 1, 1, 6000);
  readonly #slabs: Mesh;
  readonly #glow: Mesh;
  readonly #glowOwners: number[];
  readonly #ray = new Raycaster();
  readonly #place = new Vector3();
  #shares: { of: Hours; at: number[][] } | undefined;
  readonly #middle: Vector3;
  readonly #reach: number;
  #angle = 0.72;

  constructor(
    readonly data: SceneData,
    readonly paint: Paint,
    antialias: boolean,
  ) {
    this.renderer = new WebGLRenderer({ antialias, alpha: true, powerPreference: "low-power" });
    const levels = data.houses.flatMap((house) => house.levels);
    const corners = levels.flatMap((level) => pairs(level.ring));
    const slabs = new Prisms();
    data.slabs.forEach((one, i) => slabs.add(one.ring, one.z, one.h, paint(one.fill === "none" ? "line" : one.fill), i));
    const glow = new Prisms();
    const dark = paint("line");
    const edges: number[] = [];
    levels.forEach((level, i) => {
      glow.add(level.ring, level.z - 0.2, level.h * 0.26, dark, i, false, 1.02);
      for (let n = 0; n < level.ring.length; n += 2) {
        const next = (n + 2) % level.ring.length;
        const [x1, y1, x2, y2] = [level.ring[n], level.ring[n + 1], level.ring[next], level.ring[next + 1]] as number[];
        edges.push(x1 as number, level.z, -(y1 as number), x2 as number, level.z, -(y2 as number));
      }
    });
    this.#slabs = new Mesh(slabs.lit(), new MeshBasicMaterial({ vertexColors: true }));
    this.#glowOwners = glow.owners;
    this.#glow = new Mesh(glow.geometry(), new MeshBasicMaterial({ vertexColors: true }));
    this.#scene.add(this.#slabs, this.#glow, lines(edges, paint("ink-3"), 0.4), ground(corners, paint), ...bows(data.arcs, paint));
    const xs = corners.map((p) => p[0]);
    const ys = corners.map((p) => p[1]);
    const top = Math.max(...data.houses.map((h) => h.top), 8);
    const spread = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)] as const;
    this.#middle = new Vector3((Math.max(...xs) + Math.min(...xs)) / 2, top * 0.46, -(Math.max(...ys) + Math.min(...ys)) / 2);
    this.#reach = Math.max(Math.hypot(...spread) * 0.5, top * 0.66) / Math.tan((16 * Math.PI) / 180);
  }

  resize(width: number, height: number, ratio: number): void {
    this.renderer.setPixelRatio(Math.min(ratio, 3));
    this.renderer.setSize(width, height, false);
    this.#camera.aspect = width / Math.max(height, 1);
    this.#camera.updateProjectionMatrix();
  }

  /** Make the storeys glow by their load of an hour for each m²; a building measured as one glows as one. */
  light(hours: Hours, hour: number): void {
    if (this.#shares?.of !== hours) this.#shares = { of: hours, at: shares(this.data.houses, hours) };
    const now = this.#shares.at[hour] ?? [];
    const [off, on] = [this.paint("line"), this.paint("star")];
    const color = this.#glow.geometry.getAttribute("color") as BufferAttribute;
    const mixed = (axis: 0 | 1 | 2, share: number): number => off[axis] + (on[axis] - off[axis]) * share;
    this.#glowOwners.forEach((owner, triangle) => {
      const share = now[owner] ?? 0;
      const [r, g, b] = [mixed(0, share), mixed(1, share), mixed(2, share)];
      for (let corner = 0; corner < 3; corner += 1) color.setXYZ(triangle * 3 + corner, r, g, b);
    });
    color.needsUpdate = true;
  }

  turn(by: number): void {
    this.#angle += by;
  }

  draw(): number {
    const near = this.#reach / Math.min(1, this.#camera.aspect * 0.9);
    this.#camera.position.set(
      this.#middle.x + Math.sin(this.#angle) * near * 0.9,
      this.#middle.y + near * 0.42,
      this.#middle.z + Math.cos(this.#angle) * near * 0.9,
    );
    this.#camera.lookAt(this.#middle);
    this.renderer.render(this.#scene, this.#camera);
    return this.renderer.info.render.calls;
  }

  /** The slab under a point of the window, from −1 to 1. */
  pick(x: number, y: number): Slab | undefined {
    this.#ray.setFromCamera(new Vector2(x, y), this.#camera);
    const hit = this.#ray.intersectObject(this.#slabs)[0];
    if (hit?.faceIndex == null) return undefined;
    let passed = 0;
    return this.data.slabs.find((one) => (passed += triangles(one.ring)) > (hit.faceIndex as number));
  }

  /** Where the top of a building is in the drawing, from 0 to 1; the answer is one place, filled anew each time. */
  label(house: House): Vector3 {
    const place = this.#place.set(house.x, house.top + 3, -house.y).project(this.#camera);
    return place.set((place.x + 1) / 2, (1 - place.y) / 2, 0);
  }

  dispose(): void {
    this.#scene.traverse((one) => {
      if (one instanceof Mesh || one instanceof LineSegments) {
        (one.geometry as BufferGeometry).dispose();
        (one.material as LineBasicMaterial | MeshBasicMaterial).dispose();
      }
    });
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }
}
