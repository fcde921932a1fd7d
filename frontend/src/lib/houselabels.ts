/** The buildings' names over the scene: links that go with their building. */
import type { Hours, House } from "./scenedata";

export class HouseLabels {
  readonly #labels: HTMLElement[];

  constructor(
    stage: HTMLElement,
    private readonly houses: House[],
  ) {
    this.#labels = houses.map((house) => {
      const label = stage.appendChild(document.createElement("a"));
      label.className = "house-label";
      label.textContent = house.name;
      label.href = house.url;
      return label;
    });
  }

  /** Put every label where its building's top is, of a picture so many pixels wide and high. */
  place(top: (house: House) => { x: number; y: number }, wide: number, high: number): void {
    this.houses.forEach((house, i) => {
      const { x, y } = top(house);
      this.#labels[i]?.style.setProperty("translate", `${(x * wide).toFixed(1)}px ${(y * high).toFixed(1)}px`);
    });
  }

  /** Mark the buildings that are odd in an hour. */
  mark(hours: Hours, hour: number): void {
    const odd = new Set(hours.odd.filter((one) => one.first <= hour && hour <= one.last).map((one) => one.house));
    this.#labels.forEach((label, i) => label.classList.toggle("odd", odd.has(this.houses[i]?.id ?? "")));
  }

  remove(): void {
    for (const label of this.#labels) label.remove();
  }
}

/** Write the texts of an hour; one that stands there already is left alone: writing it anew lays the page out for nothing. */
export function writeHour(host: HTMLElement, hours: Hours, hour: number): void {
  const write = (place: Element, text = ""): void => {
    if (place.textContent !== text) place.textContent = text;
  };
  const range = host.querySelector<HTMLInputElement>('input[name="hour"]');
  if (range && range.value !== String(hour)) range.value = String(hour);
  for (const one of host.querySelectorAll(".replay output, [data-clock]")) write(one, hours.clock[hour]);
  for (const one of host.querySelectorAll<HTMLElement>("[data-meter]")) write(one, hours.texts[one.dataset.meter ?? ""]?.[hour]);
  for (const one of host.querySelectorAll<HTMLElement>("[data-first]"))
    one.ariaCurrent = String(hour >= Number(one.dataset.first) && hour <= Number(one.dataset.last));
}
