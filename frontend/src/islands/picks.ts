/**
 * `<park-picks>` narrows a long list of check boxes by what is typed and ticks all that are shown; without scripts every
 * box is there and can be ticked.
 *
 * ```html
 * <park-picks data-words="{n} of {all} chosen">
 *   <div hidden><input type="search"><button type="button" data-tick="all">…</button>
 *     <button type="button" data-tick="none">…</button><span role="status"></span></div>
 *   <label><input type="checkbox"> A</label>
 * </park-picks>
 * ```
 */
export class ParkPicks extends HTMLElement {
  readonly #typed = (event: Event): void => {
    if (event.target === this.#search) this.#narrow();
    this.#count();
  };
  readonly #clicked = (event: Event): void => {
    const tick = (event.target as Element).closest<HTMLElement>("[data-tick]")?.dataset["tick"];
    if (!tick) return;
    for (const box of this.#boxes) if (!box.closest("label")?.hidden) box.checked = tick === "all";
    this.#count();
  };
  readonly #pressed = (event: KeyboardEvent): void => {
    // The search is no field of the form: Enter in it sends nothing.
    if (event.key === "Enter" && event.target === this.#search) event.preventDefault();
  };

  get #search(): HTMLInputElement | null {
    return this.querySelector("input[type=search]");
  }

  get #boxes(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>("input[type=checkbox]")];
  }

  connectedCallback(): void {
    const tools = this.#search?.parentElement;
    if (tools) tools.hidden = false;
    this.addEventListener("input", this.#typed);
    this.addEventListener("click", this.#clicked);
    this.addEventListener("keydown", this.#pressed);
    this.#count();
  }

  disconnectedCallback(): void {
    this.removeEventListener("input", this.#typed);
    this.removeEventListener("click", this.#clicked);
    this.removeEventListener("keydown", this.#pressed);
  }

  #narrow(): void {
    const wanted = (this.#search?.value ?? "").trim().toLocaleLowerCase();
    for (const label of this.querySelectorAll("label")) {
      // The label of the search itself stands beside the boxes.
      if (label.querySelector("input[type=checkbox]"))
        label.hidden = !(label.textContent ?? "").toLocaleLowerCase().includes(wanted);
    }
  }

  #count(): void {
    const told = this.querySelector("[role=status]");
    const boxes = this.#boxes;
    const chosen = boxes.filter((box) => box.checked).length;
    if (told)
      told.textContent = (this.dataset["words"] ?? "").replace("{n}", String(chosen)).replace("{all}", String(boxes.length));
  }
}
