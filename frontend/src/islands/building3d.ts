/**
 * `<park-building3d>` draws the scene and the hours that the server wrote into it; where there is no WebGL the section
 * that stands in it stays.
 *
 * ```html
 * <park-building3d>
 *   <div class="stage" data-scene><script type="application/json">{"houses": […], "slabs": […], "arcs": […]}</script></div>
 *   <div class="flat">the section</div>
 *   <form class="replay"><input type="range" name="hour"><output></output></form>
 *   <div data-hours hidden><script type="application/json">{"hour": 14, "levels": {…}}</script></div>
 * </park-building3d>
 * ```
 * The hours may be replaced at any time. `data-draw-calls` says how many calls a picture takes.
 */
import { painter } from "../lib/paint";
import type { ParkScene } from "../lib/scene";
import type { Hours, SceneData } from "../lib/scenedata";

const TURN = 0.00006; // [rad/ms]: once around in a minute and three quarters

export class ParkBuilding3d extends HTMLElement {
  #scene: ParkScene | undefined;
  #hours: Hours | undefined;
  #frame = 0;
  #before = 0;
  #held = false;
  #labels: HTMLElement[] = [];
  #tip: HTMLElement | undefined;
  readonly #still = window.matchMedia("(prefers-reduced-motion: reduce)");
  readonly #size = new ResizeObserver(() => this.#resize());
  readonly #seen = new IntersectionObserver((found) => {
    cancelAnimationFrame(this.#frame);
    if (found.some((one) => one.isIntersecting)) this.#frame = requestAnimationFrame(this.#draw);
  });
  readonly #fresh = new MutationObserver(() => this.#read());
  readonly #scrub = (): void => this.#show(Number(this.#range?.value ?? 0));

  get #stage(): HTMLElement | null {
    return this.querySelector<HTMLElement>("[data-scene]");
  }

  get #range(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>('input[name="hour"]');
  }

  connectedCallback(): void {
    void this.#build();
    this.#range?.addEventListener("input", this.#scrub);
    this.#fresh.observe(this, { childList: true });
  }

  disconnectedCallback(): void {
    cancelAnimationFrame(this.#frame);
    this.#size.disconnect();
    this.#seen.disconnect();
    this.#fresh.disconnect();
    this.#range?.removeEventListener("input", this.#scrub);
    this.#scene?.dispose();
    this.#scene?.renderer.domElement.remove();
    for (const one of [...this.#labels, this.#tip]) one?.remove();
    this.#scene = this.#tip = undefined;
    this.#labels = [];
    this.classList.remove("drawn");
  }

  async #build(): Promise<void> {
    const stage = this.#stage;
    const data = JSON.parse(stage?.querySelector("script")?.textContent ?? "null") as SceneData | null;
    if (!stage || !data?.houses.length || !document.createElement("canvas").getContext("webgl2")) return this.#read();
    const { ParkScene: Made } = await import("../lib/scene");
    if (!this.isConnected || this.#scene) return;
    this.#scene = new Made(data, painter(this));
    this.classList.add("drawn");
    // The picture is one thing with a name; the buildings' labels beside it are links.
    stage.append(Object.assign(this.#scene.renderer.domElement, { role: "img", ariaLabel: stage.ariaLabel }));
    this.#labels = data.houses.map((house) => {
      const label = stage.appendChild(document.createElement("a"));
      label.className = "house-label";
      label.textContent = house.name;
      label.href = house.url;
      return label;
    });
    this.#tip = stage.appendChild(document.createElement("div"));
    this.#tip.className = "scene-tip";
    stage.addEventListener("pointermove", (event) => this.#point(event));
    stage.addEventListener("pointerleave", () => this.#point());
    stage.addEventListener("click", (event) => {
      const url = event.target instanceof HTMLCanvasElement ? this.#under(event)?.url : "";
      if (url) window.location.assign(url);
    });
    this.#size.observe(stage);
    this.#seen.observe(stage);
    this.#read();
  }

  #read(): void {
    const text = this.querySelector("[data-hours] script")?.textContent;
    if (!text) return;
    const scrubbed = this.#hours && Number(this.#range?.value) !== this.#hours.hour;
    this.#hours = JSON.parse(text) as Hours;
    // Who looks at another hour keeps it when a newer one comes in.
    this.#show(scrubbed ? Number(this.#range?.value) : this.#hours.hour);
  }

  #show(hour: number): void {
    if (!this.#hours) return;
    this.#scene?.light(this.#hours, hour);
    const range = this.#range;
    if (range) range.value = String(hour);
    for (const one of this.querySelectorAll(".replay output, [data-clock]")) one.textContent = this.#hours.clock[hour] ?? "";
    for (const one of this.querySelectorAll<HTMLElement>("[data-meter]")) one.textContent = this.#hours.texts[one.dataset.meter ?? ""]?.[hour] ?? "";
    for (const one of this.querySelectorAll<HTMLElement>("[data-first]"))
      one.ariaCurrent = String(hour >= Number(one.dataset.first) && hour <= Number(one.dataset.last));
    const odd = new Set(this.#hours.odd.filter((one) => one.first <= hour && hour <= one.last).map((one) => one.house));
    this.#labels.forEach((label, i) => label.classList.toggle("odd", odd.has(this.#scene?.data.houses[i]?.id ?? "")));
  }

  #resize(): void {
    const stage = this.#stage;
    if (!stage || !this.#scene) return;
    const zoom = stage.getBoundingClientRect().width / (stage.offsetWidth || 1);
    this.#scene.resize(stage.clientWidth, stage.clientHeight, window.devicePixelRatio * zoom);
  }

  readonly #draw = (at: number): void => {
    if (!this.#scene) return;
    if (!this.#still.matches && !this.#held) this.#scene.turn(Math.min(at - this.#before, 100) * TURN);
    this.#before = at;
    this.dataset.drawCalls = String(this.#scene.draw());
    this.#labels.forEach((label, i) => {
      const [x, y] = this.#scene?.label(this.#scene.data.houses[i] as SceneData["houses"][number]) ?? [0, 0];
      label.style.translate = `calc(${(x * (this.#stage?.clientWidth ?? 0)).toFixed(1)}px - 50%) calc(${(y * (this.#stage?.clientHeight ?? 0)).toFixed(1)}px - 100%)`;
    });
    this.#frame = requestAnimationFrame(this.#draw);
  };

  #under(event: PointerEvent | MouseEvent): { text: string; url: string } | undefined {
    const box = this.#scene?.renderer.domElement.getBoundingClientRect();
    if (!box) return undefined;
    return this.#scene?.pick(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2);
  }

  #point(event?: PointerEvent): void {
    const found = event && this.#under(event);
    this.#held = event !== undefined;
    if (!this.#tip || !this.#stage) return;
    this.#tip.textContent = found?.text ?? "";
    this.#stage.classList.toggle("pointing", Boolean(found?.url));
  }
}
