/**
 * How far this node doubts itself (Lifeguard §IV-A, "Local Health Aware Probe"; spec/02 §10). 0 is healthy; each
 * point makes the probe round longer by one interval.
 */
export class Awareness {
  readonly #maxScore: number;
  #score = 0;

  constructor(maxMultiplier: number) {
    this.#maxScore = Math.max(0, maxMultiplier - 1);
  }

  get score(): number {
    return this.#score;
  }

  apply(delta: number): void {
    this.#score = Math.min(this.#maxScore, Math.max(0, this.#score + delta));
  }

  scaleMs(durationMs: number): number {
    return durationMs * (this.#score + 1);
  }
}
