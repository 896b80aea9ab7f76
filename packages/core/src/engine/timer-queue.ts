/** What the queue needs of the event loop it runs on. */
export interface TimerHost {
  nowMs(): number;
  /** Calls `run` once after `delayMs`; the returned function forgets it. */
  after(delayMs: number, run: () => void): () => void;
  /** Calls `run` after the event loop has looked at its sockets once more. */
  nextTurn(run: () => void): void;
  /** How many packets have been handed over so far. */
  packetsSeen(): number;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Timers come a millisecond or two late on any machine; later than this, something held the thread up. */
const lateMs = 10;

/** A turn of the event loop reads a few dozen datagrams. A flood must not hold the timers up for ever, though. */
const turnLimit = 64;

/**
 * The engine's timers, by due time, and in the order of their setting where that is equal. After a stall, packets that
 * waited in the sockets are handed over before the timers that fell due meanwhile: the ack of a probe may be among them
 * (spec/02 §10, Stalls).
 */
export class TimerQueue {
  readonly #host: TimerHost;
  /** A binary heap: each entry is due no earlier than its parent. */
  readonly #heap: Entry[] = [];
  #order = 0;
  #armedMs = Number.POSITIVE_INFINITY;
  #forget: () => void = () => undefined;
  #isWaitingForPackets = false;
  #isStopped = false;

  constructor(host: TimerHost) {
    this.#host = host;
  }

  /** Calls `run` once, at `atMs` or later, never within this call. */
  at(atMs: number, run: () => void): void {
    if (this.#isStopped) return;
    this.#push({ atMs, order: this.#order, run });
    this.#order += 1;
    this.#arm();
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Forgets all timers, for good. */
  stop(): void {
    this.#isStopped = true;
    this.#heap.length = 0;
    this.#forget();
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || this.#isWaitingForPackets || first.atMs >= this.#armedMs) return;
    this.#forget();
    this.#armedMs = first.atMs;
    this.#forget = this.#host.after(first.atMs - this.#host.nowMs(), () => {
      this.#armedMs = Number.POSITIVE_INFINITY;
      this.#due();
    });
  }

  #due(): void {
    const first = this.#heap[0];
    if (first === undefined) return;
    if (this.#host.nowMs() - first.atMs > lateMs) this.#afterPackets(turnLimit);
    else this.#runDue();
  }

  /** Lets the sockets have turns, until one brings nothing. */
  #afterPackets(turnsLeft: number): void {
    this.#isWaitingForPackets = true;
    const seen = this.#host.packetsSeen();
    this.#host.nextTurn(() => {
      if (this.#isStopped) return;
      if (this.#host.packetsSeen() > seen && turnsLeft > 1) {
        this.#afterPackets(turnsLeft - 1);
        return;
      }
      this.#isWaitingForPackets = false;
      this.#runDue();
    });
  }

  /** What is set meanwhile waits for the next round, even when it is due: others want their turn. */
  #runDue(): void {
    const nowMs = this.#host.nowMs();
    const due: Entry[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= nowMs; ) {
      due.push(first);
      this.#pop();
      first = this.#heap[0];
    }
    for (const { run } of due) {
      if (!this.#isStopped) run();
    }
    this.#arm();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, at(heap, parent))) break;
      heap[index] = at(heap, parent);
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(at(heap, child + 1), at(heap, child))) child += 1;
      if (!isBefore(at(heap, child), last)) break;
      heap[index] = at(heap, child);
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function at(heap: readonly Entry[], index: number): Entry {
  const entry = heap[index];
  if (entry === undefined)
    throw new Error(`the timer heap has no entry ${index} of ${heap.length}`);
  return entry;
}
