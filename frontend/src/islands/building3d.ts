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
 * The hours may be replaced at any time. `data-draw-calls` says how many calls a picture takes. */
import { HouseLabels, writeHour } from "../lib/houselabels";
import { Motion } from "../lib/motion";
import { painter } from "../lib/paint";
import type { ParkScene } from "../lib/scene";
import type { Hours, SceneData } from "../lib/scenedata";
import { drawsWebGl } from "../lib/webgl";

const TURN = 0.00006; // [rad/ms]: once around in a minute and three quarters

export class ParkBuilding3d extends HTMLElement {
  #scene: ParkScene | undefined;
  #hours: Hours | undefined;
  #held = false;
  #room: [number, number] = [0, 0];
  #ratio = 1;
  #share = 1;
  #labels: HouseLabels | undefined;
  #tip: HTMLElement | undefined;
  readonly #still = window.matchMedia("(prefers-reduced-motion: reduce)");
  readonly #motion = new Motion(
    (passed, moves) => this.#draw(passed, moves),
    () => !this.#still.matches && !this.#held,
  );
  readonly #size = new ResizeObserver(() => this.#resize());
  readonly #view = new IntersectionObserver((found) => this.#motion.see(found.some((one) => one.isIntersecting)));
  readonly #fresh = new MutationObserver(() => this.#read());
  readonly #scrub = (): void => this.#show(Number(this.#range?.value ?? 0));
  readonly #wake = (): void => this.#motion.wake();

  get #stage(): HTMLElement | null {
    return this.querySelector<HTMLElement>("[data-scene]");
  }

  get #range(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>('input[name="hour"]');
  }

  connectedCallback(): void {
    void this.#build();
    this.#range?.addEventListener("input", this.#scrub);
    this.#still.addEventListener("change", this.#wake);
    this.#fresh.observe(this, { childList: true });
  }

  disconnectedCallback(): void {
    this.#motion.stop();
    this.#size.disconnect();
    this.#view.disconnect();
    this.#fresh.disconnect();
    this.#range?.removeEventListener("input", this.#scrub);
    this.#still.removeEventListener("change", this.#wake);
    this.#scene?.dispose();
    for (const one of [this.#labels, this.#tip]) one?.remove();
    this.#scene = this.#labels = this.#tip = undefined;
    this.classList.remove("drawn");
  }

  async #build(): Promise<void> {
    const stage = this.#stage;
    const data = JSON.parse(stage?.querySelector("script")?.textContent ?? "null") as SceneData | null;
    const drawnBy = drawsWebGl();
    if (!stage || !data?.houses.length || !drawnBy) return this.#read();
    const { ParkScene: Made } = await import("../lib/scene");
    if (!this.isConnected || this.#scene) return;
    this.#scene = new Made(data, painter(this), drawnBy === "card");
    this.classList.add("drawn");
    // The picture is one thing with a name; the buildings' labels beside it are links.
    stage.append(Object.assign(this.#scene.renderer.domElement, { role: "img", ariaLabel: stage.ariaLabel }));
    this.#labels = new HouseLabels(stage, data.houses);
    this.#tip = stage.appendChild(Object.assign(document.createElement("div"), { className: "scene-tip" }));
    stage.addEventListener("pointermove", (event) => this.#point(event));
    stage.addEventListener("pointerleave", () => this.#point());
    stage.addEventListener("click", (event) => {
      const url = event.target instanceof HTMLCanvasElement ? this.#under(event)?.url : "";
      if (url) window.location.assign(url);
    });
    this.#size.observe(stage);
    this.#view.observe(stage);
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
    this.#labels?.mark(this.#hours, hour);
    writeHour(this, this.#hours, hour);
    this.#wake();
  }

  #resize(): void {
    const stage = this.#stage;
    if (!stage || !this.#scene) return;
    const zoom = stage.getBoundingClientRect().width / (stage.offsetWidth || 1);
    this.#room = [stage.clientWidth, stage.clientHeight];
    this.#ratio = window.devicePixelRatio * zoom;
    this.#scene.resize(...this.#room, this.#ratio * this.#share);
    this.#wake();
  }

  /** What was measured when the size changed is used: asking the page for it in a frame would lay it out again. */
  #draw(passed: number, moves: boolean): void {
    const scene = this.#scene;
    if (!scene) return;
    if (this.#share !== this.#motion.share) scene.resize(...this.#room, this.#ratio * (this.#share = this.#motion.share));
    if (moves) scene.turn(Math.min(passed, 100) * TURN);
    const calls = String(scene.draw());
    if (this.dataset.drawCalls !== calls) this.dataset.drawCalls = calls;
    this.#labels?.place((house) => scene.label(house), ...this.#room);
  }

  #under(event: PointerEvent | MouseEvent): { text: string; url: string } | undefined {
    const box = this.#scene?.renderer.domElement.getBoundingClientRect();
    if (!box) return undefined;
    return this.#scene?.pick(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2);
  }

  #point(event?: PointerEvent): void {
    this.#held = event !== undefined;
    this.#wake();
    if (!this.#tip || !this.#stage) return;
    const found = event && this.#under(event);
    this.#tip.textContent = found?.text ?? "";
    this.#stage.classList.toggle("pointing", Boolean(found?.url));
  }
}
