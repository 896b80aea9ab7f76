/**
 * Seeded randomness for one simulation: xoshiro128** (Blackman and Vigna), its state filled by splitmix32. The same seed
 * gives the same numbers on every machine; `fork` gives independent streams, so that drawing more in one part of a
 * simulation doesn't shift the numbers of another.
 */
export class RandomSource {
  readonly #state: Uint32Array;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = new Uint32Array(4);
    let mixed = this.#seed;
    for (let word = 0; word < 4; word += 1) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      this.#state[word] = scramble(mixed);
    }
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  readonly next = (): number => xoshiro128(this.#state) / 0x1_0000_0000;

  /** A stream of its own for one part of the simulation; the same label gives the same stream. */
  fork(label: number): RandomSource {
    return new RandomSource(scramble(this.#seed ^ scramble(label + 0x51ed_270b)));
  }

  chance(probability: number): boolean {
    // No draw for what can't happen: a scenario without loss has the same history as one that doesn't know loss.
    return probability > 0 && this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** With the given mean, from a memoryless distribution: most are short, a few are long. */
  exponential(mean: number): number {
    return mean === 0 ? 0 : -Math.log(1 - this.next()) * mean;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.integer(0, list.length - 1)];
    if (picked === undefined) throw new Error('Nothing to pick from: the list is empty.');
    return picked;
  }

  /** `count` different elements, or all when there are fewer. */
  sample<T>(list: readonly T[], count: number): T[] {
    const rest = [...list];
    const chosen: T[] = [];
    while (chosen.length < count && rest.length > 0) {
      chosen.push(...rest.splice(this.integer(0, rest.length - 1), 1));
    }
    return chosen;
  }
}

/** One step of xoshiro128**: moves the state of four words on and returns 32 random bits. */
export function xoshiro128(state: Uint32Array): number {
  const [a, b, c, d] = state as unknown as [number, number, number, number];
  state[0] = a ^ b ^ d;
  state[1] = a ^ b ^ c;
  state[2] = a ^ c ^ (b << 9);
  state[3] = rotateLeft(b ^ d, 11);
  return Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function scramble(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x21f0_aaad);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x735a_2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
