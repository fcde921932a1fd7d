/**
 * `<park-map>` draws the parks that the list beside it keeps: at once as dots over the drawing that stands in it, then in
 * WebGL; where there is none the dots stay.
 *
 * ```html
 * <park-map data-points="/city/points/" data-shapes="/city/shapes/" data-park="/parks/0/" data-label="Map of the parks"
 *   data-lasso="Choose an area" data-clear="Whole map" data-hint="Draw around the parks …">
 *   <div class="flat"><svg data-frame="113.7 22.9 400 433">districts <g class="park-dots"></g></svg><ul class="legend"></ul></div>
 * </park-map>
 * ```
 * `data-frame`: the longitude and latitude of the drawing's corner in the north-west, its units for a degree of each.
 * A row of `#list` under the pointer or the focus rings its park; an outline that is drawn becomes `?lasso=…` of the page.
 */
import { dots, shades, type Points } from "../lib/citylayers";
import type { CityMap } from "../lib/citymap";
import { placeIn } from "../lib/pointer";
import { tokenColor } from "../lib/tokens";
const MOST_CORNERS = 60;

export class ParkMap extends HTMLElement {
  #map: CityMap | undefined;
  #stage: HTMLElement | undefined;
  #legend: HTMLElement | undefined;
  #drawn: [number, number][] | undefined;
  #points: Points | undefined;
  readonly #scheme = window.matchMedia("(prefers-color-scheme: dark)");
  readonly #repaint = (): void => this.#map?.repaint();
  readonly #fresh = (): void => void this.#ask().then((found) => this.#show(found));
  readonly #row = (event: Event): void => {
    const link = (event.target as Element).closest?.("#list tbody tr")?.querySelector<HTMLAnchorElement>("a[href]");
    const id = Number(/\/parks\/(\d+)\//.exec(link?.getAttribute("href") ?? "")?.[1]);
    if (link && id) this.#map?.ring(id);
  };

  connectedCallback(): void {
    void this.#build();
    this.#scheme.addEventListener("change", this.#repaint);
    document.addEventListener("page:moved", this.#fresh);
    document.addEventListener("pointerover", this.#row);
    document.addEventListener("focusin", this.#row);
  }

  disconnectedCallback(): void {
    this.#scheme.removeEventListener("change", this.#repaint);
    document.removeEventListener("page:moved", this.#fresh);
    document.removeEventListener("pointerover", this.#row);
    document.removeEventListener("focusin", this.#row);
    this.#map?.dispose();
    this.#stage?.parentElement?.remove();
    this.#map = this.#stage = undefined;
    this.classList.remove("drawn");
  }

  async #build(): Promise<void> {
    // The dots first: what WebGL needs takes the browser longer to read than the points take to come.
    const points = await this.#ask();
    await this.#show(points);
    // Asking for WebGL stops the page until its graphics have started: not before the dots are on the screen.
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(go, 200))));
    if (!this.isConnected || !document.createElement("canvas").getContext("webgl2")) return;
    const [shapes, { CityMap: Made }] = await Promise.all([fetch(this.dataset.shapes ?? ""), import("../lib/citymap")]);
    if (!this.isConnected || this.#map || !shapes.ok) return;
    const box = this.appendChild(Object.assign(document.createElement("div"), { className: "map-box" }));
    const tools = box.appendChild(Object.assign(document.createElement("div"), { className: "row map-tools" }));
    this.#stage = box.appendChild(Object.assign(document.createElement("div"), { className: "map-stage" }));
    this.#legend = box.appendChild(Object.assign(document.createElement("ul"), { className: "legend" }));
    const open = (id: number): void => window.location.assign((this.dataset.park ?? "").replace("/0/", `/${String(id)}/`));
    this.#map = new Made(this.#stage, (await shapes.json()) as never, (name) => tokenColor(this, name), open, (id) => this.#mark(id));
    this.#map.map.getCanvas().ariaLabel = this.dataset.label ?? "";
    this.#tools(tools);
    await this.#show(this.#points);
    this.classList.add("drawn");
  }

  #tools(tools: HTMLElement): void {
    const hint = Object.assign(document.createElement("span"), { className: "small muted", role: "status" });
    const lasso = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: this.dataset.lasso ?? "" });
    lasso.ariaPressed = "false";
    lasso.addEventListener("click", () => {
      const on = lasso.ariaPressed !== "true";
      lasso.ariaPressed = String(on);
      hint.textContent = on ? (this.dataset.hint ?? "") : "";
      this.#stage?.classList.toggle("lassoing", on);
      if (on) this.#map?.map.dragPan.disable();
      else this.#map?.map.dragPan.enable();
    });
    tools.append(lasso);
    if (new URLSearchParams(window.location.search).has("lasso")) {
      const clear = Object.assign(document.createElement("button"), { type: "button", className: "small quiet", textContent: this.dataset.clear ?? "" });
      clear.addEventListener("click", () => this.#keep(undefined));
      tools.append(clear);
    }
    tools.append(hint);
    const line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    line.setAttribute("class", "lasso");
    line.ariaHidden = "true";
    const path = line.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    this.#stage?.append(line);
    line.addEventListener("pointerdown", (event) => {
      line.setPointerCapture(event.pointerId);
      this.#drawn = [placeIn(event)];
    });
    line.addEventListener("pointermove", (event) => {
      this.#drawn?.push(placeIn(event));
      if (this.#drawn) path.setAttribute("d", `M${this.#drawn.map((at) => at.join(" ")).join("L")}Z`);
    });
    line.addEventListener("pointerup", () => {
      const corners = this.#drawn ?? [];
      this.#drawn = undefined;
      if (corners.length < 3) return;
      const every = Math.ceil(corners.length / MOST_CORNERS);
      const kept = corners.filter((_at, i) => i % every === 0).map(([x, y]) => this.#map?.degrees(x, y).join(","));
      this.#keep(kept.join(";"));
    });
  }

  #keep(lasso: string | undefined): void {
    const params = new URLSearchParams(window.location.search);
    params.delete("page");
    params.delete("lasso");
    const rest = params.toString();
    // Commas and semicolons stay readable: they are the outline's own.
    window.location.assign(`?${[rest, lasso ? `lasso=${lasso}` : ""].filter(Boolean).join("&")}`);
  }

  async #ask(): Promise<Points | undefined> {
    const answer = await fetch(`${this.dataset.points ?? ""}${window.location.search}`).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as Points) : undefined;
  }

  /** Draw what is found as dots and, once it is there, on the map. */
  async #show(points: Points | undefined): Promise<void> {
    if (!points) return;
    this.#points = points;
    const flat = this.querySelector(":scope > .flat");
    if (flat) {
      flat.querySelector(".park-dots")?.replaceChildren(...dots(points, flat.querySelector("svg")?.dataset["frame"] ?? ""));
      flat.classList.add("dotted");
    }
    for (const legend of [flat?.querySelector(".legend"), this.#legend]) legend?.replaceChildren(...shades(points));
    this.dataset.shown = String(points.id.length);
    await this.#map?.show(points);
  }

  /** Mark the row of the park under the pointer. */
  #mark(id: number | undefined): void {
    for (const row of document.querySelectorAll("#list tbody tr"))
      row.classList.toggle("ringed", id !== undefined && row.querySelector(`a[href="/parks/${String(id)}/"]`) !== null);
  }
}
