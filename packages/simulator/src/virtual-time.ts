/** What is to be done at one moment. `order` keeps what falls on the same moment in the order in which it was planned. */
interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

/**
 * The clock and agenda of a simulation: a heap of actions, earliest first. Time stands still while an action runs and
 * then jumps to the next one; nothing sleeps.
 */
export class VirtualTime {
  readonly #heap: Planned[] = [];
  #nowMs = 0;
  #planned = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Actions that still wait. */
  get waiting(): number {
    return this.#heap.length;
  }

  /** Plans `action`; a time in the past means now, after all that is already planned for now. */
  at(atMs: number, action: () => void): void {
    if (Number.isNaN(atMs)) throw new Error('An action needs a time; NaN is none.');
    this.#planned += 1;
    this.#push({ atMs: Math.max(atMs, this.#nowMs), order: this.#planned, action });
  }

  /** Runs the earliest action if it falls due by `untilMs`; otherwise moves the clock there and says false. */
  step(untilMs: number): boolean {
    const first = this.#heap[0];
    if (first === undefined || first.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#pop();
    this.#nowMs = first.atMs;
    first.action();
    return true;
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(planned);
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = heap[above] as Planned;
      if (isEarlier(parent, planned)) break;
      heap[hole] = parent;
      hole = above;
    }
    heap[hole] = planned;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let hole = 0;
    for (;;) {
      let below = 2 * hole + 1;
      if (below >= heap.length) break;
      const sibling = heap[below + 1];
      if (sibling !== undefined && isEarlier(sibling, heap[below] as Planned)) below += 1;
      const child = heap[below] as Planned;
      if (isEarlier(last, child)) break;
      heap[hole] = child;
      hole = below;
    }
    heap[hole] = last;
  }
}

function isEarlier(one: Planned, other: Planned): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
