/** Asks for a picture in every frame while it moves and is seen, and for one where something else about it changed. */
import { Pace } from "./pace";

export class Motion {
  #frame = 0;
  #before = 0;
  #moved = false;
  #seen = false;
  readonly #pace = new Pace();

  /** `draw` is told how long ago the frame before was [ms] and whether the picture moves. */
  constructor(
    readonly draw: (passed: number, moves: boolean) => void,
    readonly moves: () => boolean,
  ) {}

  /** The share of its pixels that a moving picture draws; one that stands draws all. */
  get share(): number {
    return this.#moved ? this.#pace.share : 1;
  }

  /** Nothing is drawn while nothing moves, nor while nobody sees it. */
  wake(): void {
    if (!this.#frame && this.#seen) this.#frame = requestAnimationFrame(this.#next);
  }

  see(seen: boolean): void {
    this.#seen = seen;
    this.wake();
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#seen = this.#moved = false;
  }

  readonly #next = (at: number): void => {
    this.#frame = 0;
    if (!this.#seen) {
      this.#moved = false;
      return;
    }
    const moves = this.moves();
    if (moves && this.#moved) this.#pace.note(at - this.#before);
    this.#moved = moves;
    const passed = at - this.#before;
    this.#before = at;
    this.draw(passed, moves);
    if (moves) this.wake();
  };
}
