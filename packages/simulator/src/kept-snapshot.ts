import {
  type RestoredState,
  type SerfNode,
  type SerfOutput,
  SnapshotRecorder,
  SnapshotState,
} from '@tserf/core/pure';

const limits = { aliveLimit: 100_000, failedLimit: 100_000 };

/** A machine's snapshot on a disk that loses nothing: what a process leaves behind for the next one. */
export class KeptSnapshot {
  readonly #self: string;
  readonly #state = new SnapshotState({ ...limits, rejoinAfterLeave: false });
  #recorder: SnapshotRecorder;

  constructor(self: string) {
    this.#self = self;
    this.#recorder = new SnapshotRecorder(self, this.#state);
  }

  /** What a new process starts with; from now on its life is recorded. */
  begin(): RestoredState {
    this.#recorder = new SnapshotRecorder(this.#self, this.#state);
    return this.#state.restored(this.#self);
  }

  hear(outputs: readonly SerfOutput[], node: SerfNode): void {
    for (const output of outputs) this.#apply(this.#recorder.hear(output));
    this.#apply(this.#recorder.clocks(node.clocks));
  }

  leave(node: SerfNode): void {
    this.#apply(this.#recorder.leave());
    this.#apply(this.#recorder.clocks(node.clocks));
  }

  #apply(records: ReturnType<SnapshotRecorder['leave']>): void {
    for (const record of records) this.#state.apply(record);
  }
}
