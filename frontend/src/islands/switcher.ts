/**
 * `<park-switcher>` submits its form as soon as another choice is made; without scripts its button does.
 *
 * ```html
 * <park-switcher><form method="post"><select name="park">…</select><button>Go</button></form></park-switcher>
 * ```
 */
export class ParkSwitcher extends HTMLElement {
  readonly #change = (): void => this.querySelector("form")?.requestSubmit();

  connectedCallback(): void {
    this.dataset.ready = "";
    this.addEventListener("change", this.#change);
  }

  disconnectedCallback(): void {
    this.removeEventListener("change", this.#change);
  }
}
