import { Engine } from './engine.js';
import { EngineStartError } from './engine-parts.js';
import { Outbox } from './outbox.js';
import { type EngineCommand, type EngineNotice, shutdownRequest } from './protocol.js';

/** The engine's end of the line to the application. Batches, because 64 messages in one cost less than half of 64. */
export interface EnginePort {
  post(batch: readonly EngineNotice[]): void;
  /** Nothing will be posted any more: what keeps the thread alive may go. */
  close(): void;
}

/** Batches that the application has not taken yet; beyond it notices wait in the outbox, which is bounded. */
const batchesUnderWay = 8;

/** Runs one engine at one end of a port. The same code serves a worker thread and the application's own. */
export class EngineServer {
  readonly #port: EnginePort;
  readonly #outbox = new Outbox();
  #engine: Engine | undefined;
  #underWay = 0;
  #isFlushing = false;
  #isEnding = false;

  constructor(port: EnginePort) {
    this.#port = port;
  }

  receive(commands: readonly EngineCommand[]): void {
    for (const command of commands) this.#carryOut(command);
  }

  #carryOut(command: EngineCommand): void {
    switch (command.type) {
      case 'start':
        void this.#start(command);
        break;
      case 'received':
        this.#underWay -= 1;
        this.#flushSoon();
        break;
      default:
        // Nobody can hold the handle of an engine that has not started.
        this.#engine?.execute(command);
    }
  }

  async #start({ options }: Extract<EngineCommand, { type: 'start' }>): Promise<void> {
    try {
      this.#engine = await Engine.start(options, (notice) => this.#tell(notice));
    } catch (error) {
      if (error instanceof EngineStartError) {
        this.#tell({ type: 'startFailed', code: error.code, message: error.message });
      } else {
        const { message, stack } = error instanceof Error ? error : new Error(String(error));
        this.#tell({ type: 'died', message, stack });
      }
      this.#isEnding = true;
    }
  }

  #tell(notice: EngineNotice): void {
    this.#outbox.add(withDrops(notice, this.#outbox));
    if (notice.type === 'done' && notice.request === shutdownRequest) this.#isEnding = true;
    if (notice.type === 'died') this.#isEnding = true;
    this.#flushSoon();
  }

  /** After the sockets had their turn, so that what one turn brings goes over in one batch. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#outbox.isEmpty && this.#underWay < batchesUnderWay) {
      this.#underWay += 1;
      this.#port.post(this.#outbox.take());
    }
    if (this.#isEnding && this.#outbox.isEmpty) this.#port.close();
  }
}

/** What the outbox had to drop is known to it alone. */
function withDrops(notice: EngineNotice, outbox: Outbox): EngineNotice {
  if (notice.type !== 'done' || notice.result.type !== 'stats') return notice;
  const stats = {
    ...notice.result.stats,
    dropped_events: String(outbox.eventsDropped),
    dropped_log_lines: String(outbox.logsDropped),
    dropped_query_answers: String(outbox.answersDropped),
  };
  return { ...notice, result: { type: 'stats', stats } };
}
