/** How many of its pixels a moving picture draws, so that its frames come in time.
 *
 * Frames that come late by the pixels they draw come in time with fewer of them; the picture is stretched to its room.
 * Where fewer pixels are no help (a screen of 30 or 50 Hz, a page that has much else to do) all are drawn again. */
const IN_TIME = 1000 / 60; // [ms]
const LATE = 18.2; // [ms] a frame, on average: 55 a second
const FRAMES = 24; // that are averaged, fewer of them where they take longer than ENOUGH
const LEAST_FRAMES = 6;
const ENOUGH = 600; // [ms]
const SETTLING = 4; // frames after a change that say nothing
const PAUSE = 1000; // [ms] no frame is that late: the page was away
const STEP = 0.7; // more pixels by steps of it, fewer by at least one and at most LARGEST_STEP
const LARGEST_STEP = 0.5;
const LEAST = 0.34;
const HELPED = 0.8;
const PATIENCE = 20; // averages in time before more pixels are tried, twice as many after each vain try
const GIVEN_UP = 300;

export class Pace {
  /** The share of the pixels of each side that is drawn. */
  share = 1;
  #sum = 0;
  #count = -SETTLING;
  #whole = 0;
  #tried = false;
  #patience = PATIENCE;
  #wait = PATIENCE;

  /** Take the time since the frame before [ms]. */
  note(gap: number): void {
    if (gap > PAUSE) return;
    this.#count += 1;
    if (this.#count <= 0) return;
    this.#sum += gap;
    if (this.#count < FRAMES && (this.#sum < ENOUGH || this.#count < LEAST_FRAMES)) return;
    const mean = this.#sum / this.#count;
    const before = this.share;
    this.share = this.#next(mean);
    this.#sum = 0;
    this.#count = this.share === before ? 0 : -SETTLING;
  }

  #next(mean: number): number {
    const tried = this.#tried;
    this.#tried = false;
    this.#wait -= 1;
    if (mean > LATE) return this.#fewer(mean, tried);
    if (this.share === 1 || this.#wait > 0) return this.share;
    this.#tried = true;
    this.#wait = this.#patience;
    return Math.min(1, this.share / STEP);
  }

  #fewer(mean: number, tried: boolean): number {
    if (this.share === 1) {
      if (!tried && this.#wait > 0 && this.#patience === GIVEN_UP) return 1;
      this.#whole = mean;
    }
    if (tried) this.#patience = Math.min(this.#patience * 2, GIVEN_UP - 1);
    this.#wait = this.#patience;
    // A frame's time grows with its pixels, the square of the share.
    const step = Math.min(STEP, Math.max(LARGEST_STEP, Math.sqrt(IN_TIME / mean)));
    if (this.share > LEAST) return Math.max(LEAST, this.share * step);
    if (mean < this.#whole * HELPED) return this.share;
    this.#patience = this.#wait = GIVEN_UP;
    return 1;
  }
}
