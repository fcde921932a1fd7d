/** What the city's map is made of: the columns the server sends, the colours, sources and layers. */
import type * as maplibre from "maplibre-gl";

type Data = Exclude<maplibre.GeoJSONSourceSpecification["data"], string>;

export interface Points {
  id: number[];
  x: number[];
  y: number[];
  step: number[];
  name: string[];
  text: string[];
  palette: string;
  shades: { step: number; text: string; count: number }[];
}

export interface Shapes {
  features: { properties: { name: string; at: [number, number] }; geometry: { coordinates: number[][][][] } }[];
}

export type Color = (token: string) => string;

export const NOWHERE: Points = { id: [], x: [], y: [], step: [], name: [], text: [], palette: "steps", shades: [] };
const CLUSTERED_TO_ZOOM = 11;
/** What the colour of a cluster is made of: how many of its parks are known, and the sum of their steps. */
const MEANS: Record<string, unknown> = {
  known: ["+", ["case", [">", ["get", "step"], 0], 1, 0]],
  sum: ["+", ["get", "step"]],
};
/** Tokens of a colour's step: unknown first, then the scale. */
export const PALETTES: Record<string, string[]> = {
  steps: ["hatch", "step-1", "step-2", "step-3", "step-4", "step-5"],
  stars: ["hatch", "star-off", "step-1", "step-2", "step-3", "step-4", "step-5"],
  kinds: ["hatch", "cat-1", "cat-2", "cat-3", "cat-4", "cat-5"],
};

export const colorToken = (palette: string, step: number): string => PALETTES[palette]?.[step] ?? "hatch";

/** Places as a source takes them, each with what belongs to it. */
export function points(places: [number, number][], properties: Record<string, number>[] = []): Data {
  return {
    type: "FeatureCollection",
    features: places.map((coordinates, i) => ({ type: "Feature", properties: properties[i] ?? {}, geometry: { type: "Point", coordinates } })),
  };
}

/** The points as dots of a drawing, a path for each step, the unknown lowest. `frame`: see `<park-map>`. */
export function dots({ x, y, step, palette }: Points, frame: string): SVGPathElement[] {
  const [west = 0, north = 0, across = 0, down = 0] = frame.split(" ").map(Number);
  const paths: string[][] = [];
  step.forEach((one, place) => {
    const at = [((x[place] ?? 0) - west) * across, (north - (y[place] ?? 0)) * down];
    (paths[one] ??= []).push(`M${at.map((value) => value.toFixed(1)).join(" ")}h0`);
  });
  return Object.entries(paths).map(([one, path]) => {
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "path");
    drawn.setAttribute("d", path.join(""));
    drawn.style.stroke = `var(--${colorToken(palette, Number(one))})`;
    return drawn;
  });
}

/** What the colours say and how many parks have each, as lines of a legend. */
export function shades({ shades, palette }: Points): HTMLLIElement[] {
  return shades.map((shade) => {
    const item = document.createElement("li");
    const dot = item.appendChild(Object.assign(document.createElement("i"), { className: shade.step ? "map-dot" : "map-dot unknown-dot" }));
    if (shade.step) dot.style.background = `var(--${colorToken(palette, shade.step)})`;
    item.append(`${shade.text} (${shade.count.toLocaleString(document.documentElement.lang)})`);
    return item;
  });
}

export function features({ id, x, y, step }: Points): Data {
  return points(
    id.map((_one, place) => [x[place] ?? 0, y[place] ?? 0]),
    id.map((one, place) => ({ id: one, step: step[place] ?? 0, place })),
  );
}

/** How large a cluster of so many parks is drawn: counts and radii in pixels, between them in proportion. */
const CLUSTER_SIZES: [number, number][] = [
  [2, 11],
  [50, 17],
  [500, 26],
];
const CLUSTER_RING = 5;

/** How far a cluster of so many parks reaches from its middle, with its ring, in pixels. */
export function clusterReach(count: number): number {
  let [size, before] = [CLUSTER_SIZES[0]?.[1] ?? 0, CLUSTER_SIZES[0]];
  for (const next of CLUSTER_SIZES.slice(1)) {
    if (before && count > before[0]) size = before[1] + (Math.min(count - before[0], next[0] - before[0]) / (next[0] - before[0])) * (next[1] - before[1]);
    before = next;
  }
  return size + CLUSTER_RING;
}

export function addLayers(map: maplibre.Map, shapes: Shapes): void {
    map.addSource("shapes", { type: "geojson", data: shapes as unknown as Data });
    map.addSource("parks", { type: "geojson", data: points([]), cluster: true, clusterMaxZoom: CLUSTERED_TO_ZOOM, clusterRadius: 44, clusterProperties: MEANS });
    map.addSource("one", { type: "geojson", data: points([]) });
    map.addLayer({ id: "ground", type: "fill", source: "shapes" });
    map.addLayer({ id: "edges", type: "line", source: "shapes" });
    const size: maplibre.ExpressionSpecification = ["interpolate", ["linear"], ["get", "point_count"], ...CLUSTER_SIZES.flat()];
    map.addLayer({ id: "clusters", type: "circle", source: "parks", filter: ["has", "point_count"], paint: { "circle-radius": size, "circle-stroke-width": CLUSTER_RING } });
    map.addLayer({
      id: "counts",
      type: "symbol",
      source: "parks",
      filter: ["has", "point_count"],
      layout: { "icon-image": ["concat", "n", ["to-string", ["get", "point_count"]]], "icon-allow-overlap": true, "icon-ignore-placement": true },
    });
    map.addLayer({ id: "parks", type: "circle", source: "parks", filter: ["!", ["has", "point_count"]], paint: { "circle-radius": 5, "circle-stroke-width": 1 } });
    map.addLayer({ id: "one", type: "circle", source: "one", paint: { "circle-radius": 9, "circle-opacity": 0, "circle-stroke-width": 3 } });
}
