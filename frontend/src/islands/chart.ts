/**
 * `<park-chart>` draws the ECharts option that the server wrote into it.
 *
 * ```html
 * <park-chart class="chart" role="img" aria-label="Dimensions">
 *   <script type="application/json">{"series": […]}</script>
 * </park-chart>
 * ```
 * A point whose data carry `url` is a link. The table twin stands beside it, written by the server.
 */
import type { EChartsType } from "echarts/core";
import { withColors } from "../lib/colors";
import { enlarged } from "../lib/enlarged";

export class ParkChart extends HTMLElement {
  #chart: EChartsType | undefined;
  readonly #size = new ResizeObserver(() => this.#chart?.resize());
  readonly #scheme = window.matchMedia("(prefers-color-scheme: dark)");
  readonly #repaint = (): void => void this.#draw();

  connectedCallback(): void {
    // The page stands first: to read what draws takes the browser longer than to paint all the rest.
    requestAnimationFrame(() => setTimeout(this.#repaint));
    this.#size.observe(this);
    this.#scheme.addEventListener("change", this.#repaint);
  }

  disconnectedCallback(): void {
    this.#size.disconnect();
    this.#scheme.removeEventListener("change", this.#repaint);
    this.#chart?.dispose();
    this.#chart = undefined;
    this.querySelector(":scope > div")?.remove();
  }

  async #draw(): Promise<void> {
    const { echarts } = await import("../lib/echarts");
    if (!this.isConnected) return;
    const option = JSON.parse(this.querySelector("script")?.textContent ?? "{}") as Record<string, unknown>;
    if (!this.#chart) {
      const canvas = this.appendChild(document.createElement("div"));
      this.#chart = echarts.init(canvas, null, { renderer: "svg" });
      this.#chart.on("click", (event) => {
        const url = (event.data as { url?: string } | undefined)?.url;
        if (url) window.location.assign(url);
      });
    }
    // On an enlarged page the drawing itself is not enlarged: its sizes are.
    const factor = this.closest(".frame")?.currentCSSZoom ?? 1;
    this.#chart.setOption(withColors(enlarged(option, factor), (name) => this.#color(name)), { notMerge: true });
  }

  /** The token's colour in the theme in force: read off an element, because a token itself may be `light-dark(…)`. */
  #color(name: string): string {
    const probe = this.appendChild(document.createElement("i"));
    probe.style.color = `var(--${name})`;
    const color = getComputedStyle(probe).color;
    probe.remove();
    return color;
  }
}
