/**
 * `<park-rows>` moves through the rows of a list by keyboard: j, k or the arrows go down and up, Enter opens, x chooses,
 * / goes to the filter, ? shows the keys; Shift with a click on a heading sorts by it next. Without scripts links, check
 * boxes and forms do the same.
 *
 * ```html
 * <park-rows>
 *   <details class="keys"><summary>?</summary>…</details>
 *   <table><thead><tr><th><a href="?sort=a" data-also="?sort=b,a">A</a></th></tr></thead>
 *   <tbody><tr><td><input type="checkbox" class="pick" form="bulk"> <a href="…">…</a></td></tr></tbody></table>
 *   <form id="bulk"><span data-picked="rows chosen">…</span></form>
 * </park-rows>
 * ```
 */
const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable], dialog[open] *";

export class ParkRows extends HTMLElement {
  #last: HTMLInputElement | undefined;
  readonly #keys = (event: KeyboardEvent): void => this.#key(event);
  readonly #click = (event: MouseEvent): void => this.#clicked(event);
  readonly #change = (): void => this.#count();

  connectedCallback(): void {
    document.addEventListener("keydown", this.#keys);
    this.addEventListener("click", this.#click);
    this.addEventListener("change", this.#change);
    this.#count();
    this.#tell();
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.#keys);
    this.removeEventListener("click", this.#click);
    this.removeEventListener("change", this.#change);
  }

  /** Say under the heading of the page what this list holds, which stands outside the part that was replaced. */
  #tell(): void {
    const told = document.querySelector("[data-list-sentence]");
    if (told && this.dataset["sentence"]) told.textContent = this.dataset["sentence"];
  }

  get #rows(): HTMLTableRowElement[] {
    return [...this.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  }

  #key(event: KeyboardEvent): void {
    const target = event.target as Element;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest(TYPING)) return;
    const rows = this.#rows;
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const inList = here >= 0 || target === document.body || target.matches("main, .table-region");
    const act: Record<string, (() => void) | undefined> = {
      j: () => this.#focus(rows[here + 1]),
      k: () => this.#focus(rows[here - 1]),
      ArrowDown: inList ? () => this.#focus(rows[here + 1]) : undefined,
      ArrowUp: here >= 0 ? () => this.#focus(rows[here - 1]) : undefined,
      Enter: target === rows[here] ? () => rows[here]?.querySelector<HTMLElement>("a[href]")?.click() : undefined,
      x: here >= 0 ? () => rows[here]?.querySelector<HTMLElement>("input.pick")?.click() : undefined,
      "/": () => document.querySelector<HTMLElement>(".filterbar input")?.focus(),
      "?": () => this.#toggleKeys(),
    };
    const doing = act[event.key];
    if (!doing) return;
    event.preventDefault();
    doing();
  }

  /** The row itself takes the focus, so that a screen reader says all of it; the others give it up. */
  #focus(row: HTMLTableRowElement | undefined): void {
    if (!row) return;
    for (const other of this.#rows) other.removeAttribute("tabindex");
    row.tabIndex = -1;
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  }

  #toggleKeys(): void {
    const keys = this.querySelector<HTMLDetailsElement>("details.keys");
    if (!keys) return;
    keys.open = !keys.open;
    if (keys.open) keys.querySelector("summary")?.focus();
  }

  #clicked(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    const also = target.closest<HTMLElement>("a[data-also]")?.dataset.also;
    if (also && event.shiftKey) {
      event.preventDefault();
      window.location.assign(also);
    }
    if (target instanceof HTMLInputElement && target.matches("input.pick")) this.#range(target, event.shiftKey);
  }

  /** Shift with a click chooses every row from the one chosen before. */
  #range(box: HTMLInputElement, shift: boolean): void {
    const boxes = [...this.querySelectorAll<HTMLInputElement>("input.pick")];
    if (shift && this.#last) {
      const [from, to] = [boxes.indexOf(this.#last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const one of boxes.slice(from, (to ?? 0) + 1)) one.checked = box.checked;
    }
    this.#last = box;
  }

  #count(): void {
    const text = this.querySelector<HTMLElement>("[data-picked]");
    if (!text) return;
    const count = this.querySelectorAll("input.pick:checked").length;
    text.dataset.plain ??= text.textContent;
    text.textContent = count ? `${String(count)} ${text.dataset.picked ?? ""}` : text.dataset.plain;
  }
}
