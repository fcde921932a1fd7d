/**
 * `<park-palette>` opens the search over everything on / or Ctrl-K (or ⌘K) as a dialog; without scripts its link leads to the
 * search page.
 *
 * ```html
 * <park-palette><a href="/search/">Search</a><dialog><form action="/search/" method="get"><input name="q"></form></dialog></park-palette>
 * ```
 */
export class ParkPalette extends HTMLElement {
  readonly #keys = (event: KeyboardEvent): void => {
    const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing;
    if (slash || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k")) {
      event.preventDefault();
      this.#open();
    }
  };
  readonly #click = (event: Event): void => {
    event.preventDefault();
    this.#open();
  };
  readonly #arrows = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [...this.querySelectorAll<HTMLElement>("dialog input, dialog a")];
    const here = stops.indexOf(document.activeElement as HTMLElement);
    const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  };

  connectedCallback(): void {
    document.addEventListener("keydown", this.#keys);
    this.querySelector(":scope > a")?.addEventListener("click", this.#click);
    this.querySelector("dialog")?.addEventListener("keydown", this.#arrows);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.#keys);
  }

  #open(): void {
    const dialog = this.querySelector("dialog");
    if (!dialog || dialog.open) return;
    dialog.showModal();
    dialog.querySelector("input")?.select();
  }
}
