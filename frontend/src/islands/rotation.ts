/**
 * `<park-rotation data-seconds="20">` shows one `.screen` at a time and turns to the next; without scripts all stand below
 * each other.
 *
 * It pauses while the pointer or the focus is on a screen, turns by the arrow keys, starts at the screen of the address's
 * fragment, and does not turn by itself where the person asked for less motion, nor on a narrow window.
 *
 * ```html
 * <park-rotation data-seconds="20">
 *   <section class="screen" id="stars">…</section>
 *   <section class="screen" id="park">…</section>
 *   <footer class="wall-foot"><nav><a href="#stars">…</a></nav><span class="wall-state" data-paused="…" data-turning="…"></span></footer>
 * </park-rotation>
 * ```
 */
export class ParkRotation extends HTMLElement {
  #timer = 0;
  #at = 0;
  #held = false;
  readonly #still = window.matchMedia("(prefers-reduced-motion: reduce)");
  readonly #narrow = window.matchMedia("(max-width: 760px)");
  readonly #arrange = (): void => this.#start();
  readonly #hold = (event: Event): void => {
    this.#held = event.type === "pointerenter" || event.type === "focusin" || this.contains(document.activeElement);
    this.#say();
  };
  readonly #key = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    if (event.key === "ArrowRight") this.#show(this.#at + 1);
    if (event.key === "ArrowLeft") this.#show(this.#at - 1);
  };
  readonly #hash = (): void => {
    const found = this.#screens.findIndex((one) => `#${one.id}` === window.location.hash);
    if (found >= 0) this.#show(found);
  };

  get #screens(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(".screen")];
  }

  connectedCallback(): void {
    for (const name of ["pointerenter", "pointerleave", "focusin", "focusout"]) this.addEventListener(name, this.#hold);
    document.addEventListener("keydown", this.#key);
    window.addEventListener("hashchange", this.#hash);
    this.#still.addEventListener("change", this.#arrange);
    this.#narrow.addEventListener("change", this.#arrange);
    this.#start();
    this.#hash();
  }

  disconnectedCallback(): void {
    window.clearInterval(this.#timer);
    document.removeEventListener("keydown", this.#key);
    window.removeEventListener("hashchange", this.#hash);
    this.#still.removeEventListener("change", this.#arrange);
    this.#narrow.removeEventListener("change", this.#arrange);
  }

  #start(): void {
    window.clearInterval(this.#timer);
    const turns = !this.#narrow.matches && this.#screens.length > 0;
    this.classList.toggle("turning", turns);
    this.#show(this.#at);
    if (turns && !this.#still.matches && this.#screens.length > 1) {
      const seconds = Number(this.dataset.seconds) || 20;
      this.#timer = window.setInterval(() => this.#held || document.hidden || this.#show(this.#at + 1), seconds * 1000);
    }
    this.#say();
  }

  #show(index: number): void {
    const screens = this.#screens;
    this.#at = screens.length ? (index + screens.length) % screens.length : 0;
    const shown = screens[this.#at]?.id;
    for (const one of screens) one.classList.toggle("current", one.id === shown);
    for (const link of this.querySelectorAll<HTMLAnchorElement>(".wall-foot nav a")) {
      if (link.hash === `#${shown}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (this.classList.contains("turning")) window.scrollTo(0, 0);
  }

  #say(): void {
    const state = this.querySelector<HTMLElement>(".wall-state");
    if (!state) return;
    state.hidden = !this.classList.contains("turning") || this.#screens.length < 2;
    state.textContent = (this.#held || this.#still.matches ? state.dataset.paused : state.dataset.turning) ?? "";
  }
}
