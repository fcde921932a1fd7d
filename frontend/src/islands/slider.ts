/**
 * `<park-slider>` moves a number by a slider as well as by typing; without scripts the number is typed.
 *
 * ```html
 * <park-slider><input type="range" min="0" max="20" aria-label="Years" hidden><input type="number" name="years"></park-slider>
 * ```
 * The number is what the form sends; a typed one beyond the slider's ends stays as typed.
 */
export class ParkSlider extends HTMLElement {
  readonly #moved = (event: Event): void => {
    const { range, number } = this.#inputs();
    if (event.target === range) number.value = range.value;
    else range.value = number.value;
  };

  #inputs(): { range: HTMLInputElement; number: HTMLInputElement } {
    const [range, number] = this.querySelectorAll("input");
    if (!range || !number) throw new Error("park-slider needs a range and a number");
    return { range, number };
  }

  connectedCallback(): void {
    const { range, number } = this.#inputs();
    range.hidden = false;
    range.value = number.value;
    this.addEventListener("input", this.#moved);
  }

  disconnectedCallback(): void {
    this.removeEventListener("input", this.#moved);
  }
}
