/** The map of a city: outlines, parks as points and clusters in WebGL, without tiles, glyphs, sprites or any network. */
import * as maplibre from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import { addLayers, clusterReach, features, NOWHERE, PALETTES, points, type Color, type Points, type Shapes } from "./citylayers";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

maplibre.setWorkerUrl(workerUrl);

export class CityMap {
  readonly map: maplibre.Map;
  readonly #ready: Promise<void>;
  #points = NOWHERE;
  readonly #names: maplibre.Marker[] = [];
  #popup = new maplibre.Popup({ closeButton: false, closeOnClick: false, maxWidth: "260px" });

  constructor(
    stage: HTMLElement,
    private readonly shapes: Shapes,
    private readonly color: Color,
    private readonly open: (id: number) => void,
    private readonly over: (id: number | undefined) => void,
  ) {
    const flat = shapes.features.flatMap((one) => one.geometry.coordinates.flat(2)) as [number, number][];
    const [xs, ys] = [flat.map((at) => at[0]), flat.map((at) => at[1])];
    const bounds = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as [number, number, number, number];
    this.map = new maplibre.Map({
      container: stage,
      bounds,
      fitBoundsOptions: { padding: 12 },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      pixelRatio: window.devicePixelRatio * (stage.currentCSSZoom || 1),
      style: { version: 8, sources: {}, layers: [] },
    });
    let moved = false;
    this.map.on("movestart", (event) => (moved ||= Boolean(event.originalEvent)));
    // Until somebody moves it the map shows the whole city, whatever the size of its window becomes.
    this.map.on("resize", () => moved || this.map.fitBounds(bounds, { padding: 12, duration: 0 }));
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
    // Without the wheel the page scrolls on under the pointer: zooming asks for Ctrl, or the buttons.
    this.map.scrollZoom.disable();
    this.map.setMissingStyleImageResolver((id) => this.#drawCount(id));
    this.#ready = new Promise((done) => this.map.on("load", () => (this.#lay(), done())));
    for (const shape of shapes.features) {
      const element = Object.assign(document.createElement("span"), { className: "map-name", textContent: shape.properties.name });
      this.#names.push(new maplibre.Marker({ element, anchor: "center" }).setLngLat(shape.properties.at).addTo(this.map));
    }
    this.map.on("idle", () => this.#placeNames());
  }

  /** A name on a cluster cannot be read: it goes below the circle. */
  #placeNames(): void {
    const circles = this.map.queryRenderedFeatures({ layers: ["clusters"] }).map((one) => {
      const at = this.map.project((one.geometry as unknown as { coordinates: [number, number] }).coordinates);
      return { at, reach: clusterReach(Number(one.properties["point_count"])) };
    });
    for (const name of this.#names) {
      const at = this.map.project(name.getLngLat());
      const hit = circles.find((one) => Math.abs(one.at.x - at.x) < one.reach + 24 && Math.abs(one.at.y - at.y) < one.reach + 8);
      name.setOffset([0, hit ? hit.at.y + hit.reach + 10 - at.y : 0]);
    }
  }

  #lay(): void {
    const map = this.map;
    addLayers(map, this.shapes);
    map.on("click", "parks", (event) => this.open(Number(event.features?.[0]?.properties["id"])));
    map.on("click", "clusters", (event) => map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 1.6 }));
    map.on("mousemove", "parks", (event) => this.#name(Number(event.features?.[0]?.properties["place"])));
    map.on("mouseleave", "parks", () => this.#name(undefined));
    this.repaint();
  }

  /** Take the colours from the tokens again, after the theme or the palette has changed. */
  repaint(): void {
    const map = this.map;
    const steps = PALETTES[this.#points.palette] ?? [];
    const scale = steps.flatMap((token, step) => [step, this.color(token)]);
    map.setPaintProperty("ground", "fill-color", this.color("sunken"));
    map.setPaintProperty("edges", "line-color", this.color("line-strong"));
    map.setPaintProperty("clusters", "circle-color", this.color("brand"));
    map.setPaintProperty("clusters", "circle-stroke-color", this.#ringColor(scale));
    map.setPaintProperty("parks", "circle-color", ["match", ["get", "step"], ...scale, this.color("hatch")] as unknown as string);
    map.setPaintProperty("parks", "circle-stroke-color", this.color("ink-2"));
    map.setPaintProperty("one", "circle-stroke-color", this.color("star"));
    for (const id of map.listImages()) this.#drawCount(id);
  }

  /** The ring of a cluster has the colour of its parks' mean step; kinds have no mean. */
  #ringColor(scale: (number | string)[]): string {
    if (this.#points.palette === "kinds") return this.color("brand");
    const mean = ["round", ["/", ["get", "sum"], ["max", ["get", "known"], 1]]];
    return ["match", mean, ...scale, this.color("hatch")] as unknown as string;
  }

  /** A count as a picture drawn here: no glyphs are fetched. */
  #drawCount(id: string): void {
    const pen = Object.assign(document.createElement("canvas"), { width: 80, height: 40 }).getContext("2d");
    if (!pen || !id.startsWith("n")) return;
    pen.font = "600 22px 'Inter Variable', sans-serif";
    pen.fillStyle = this.color("on-brand");
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(Number(id.slice(1)).toLocaleString(document.documentElement.lang), 40, 21);
    const picture = pen.getImageData(0, 0, 80, 40);
    if (this.map.hasImage(id)) this.map.updateImage(id, picture);
    else this.map.addImage(id, picture, { pixelRatio: 2 });
  }

  /** Draw what was found; resolve once it stands on the map. */
  async show(found: Points): Promise<void> {
    await this.#ready;
    this.#points = found;
    (this.map.getSource("parks") as maplibre.GeoJSONSource).setData(features(this.#points));
    this.#name(undefined);
    this.repaint();
    await this.map.once("idle");
  }

  /** Ring one park, wherever it is drawn; undefined takes the ring away. */
  ring(id: number | undefined): void {
    const place = id === undefined ? -1 : this.#points.id.indexOf(id);
    this.#name(place < 0 ? undefined : place);
  }

  #name(place: number | undefined): void {
    const { id, x, y, name, text } = this.#points;
    const at = place === undefined ? undefined : ([x[place] ?? 0, y[place] ?? 0] as [number, number]);
    (this.map.getSource("one") as maplibre.GeoJSONSource | undefined)?.setData(points(at ? [at] : []));
    if (at && place !== undefined) this.#popup.setLngLat(at).setText(`${name[place] ?? ""} · ${text[place] ?? ""}`).addTo(this.map);
    else this.#popup.remove();
    this.over(place === undefined ? undefined : id[place]);
  }

  /** Degrees under a place of the stage. */
  degrees(x: number, y: number): [number, number] {
    const { lng, lat } = this.map.unproject([x, y]);
    return [Number(lng.toFixed(4)), Number(lat.toFixed(4))];
  }

  dispose(): void {
    this.map.remove();
  }
}
