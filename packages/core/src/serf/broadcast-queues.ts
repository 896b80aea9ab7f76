import { BroadcastQueue } from '../swim/broadcast-queue.js';
import type { SerfOptions } from './options.js';
import type { SerfReport } from './output.js';

type QueueOptions = Pick<
  SerfOptions,
  'swim' | 'queueDepthWarning' | 'maxQueueDepth' | 'minQueueDepth'
>;

/**
 * How far a queue may run past its depth limit between two checks. Serf has no bound there; this one is far above what
 * the checks leave, so that a short flood is sent and not dropped.
 */
const burstFactor = 8;

/**
 * What framing takes of a packet with one message of this layer: the compound's head (2), the part's length (2) and
 * memberlist's type byte (spec/02 §14, §16).
 */
const framingBytes = 5;

/** The depth that a queue is pruned to, with this many members of any status (spec/03 §20.2). */
export function queueDepthLimit(
  options: Pick<SerfOptions, 'maxQueueDepth' | 'minQueueDepth'>,
  memberCount: number,
): number {
  if (options.minQueueDepth <= 0) return options.maxQueueDepth;
  return Math.max(options.minQueueDepth, 2 * memberCount);
}

/** The three queues of the Serf layer, and how they share what a packet has left (spec/03 §9). */
export class BroadcastQueues {
  readonly #options: QueueOptions;
  readonly intents: BroadcastQueue;
  readonly queries: BroadcastQueue;
  readonly events: BroadcastQueue;

  constructor(options: QueueOptions) {
    this.#options = options;
    const { retransmitMult, memberLimit } = options.swim;
    const limit = burstFactor * queueDepthLimit(options, memberLimit);
    const maxMessageBytes = this.#roomBytes(options.swim.packetOverheadBytes);
    this.intents = new BroadcastQueue({ retransmitMult, limit, maxMessageBytes });
    this.queries = new BroadcastQueue({ retransmitMult, limit, maxMessageBytes });
    this.events = new BroadcastQueue({ retransmitMult, limit, maxMessageBytes });
  }

  /** Encryption or a label changed how much room a packet has: what fits into none any more is dropped. */
  setPacketOverhead(bytes: number): void {
    for (const [, queue] of this.#named()) queue.setMaxMessageBytes(this.#roomBytes(bytes));
  }

  /** Fills `limitBytes`: intents first, then queries, then events; each message costs `overheadBytes` more. */
  collect(overheadBytes: number, limitBytes: number, memberCount: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let usedBytes = 0;
    for (const queue of [this.intents, this.queries, this.events]) {
      for (const message of queue.collect(overheadBytes, limitBytes - usedBytes, memberCount)) {
        taken.push(message);
        usedBytes += message.length + overheadBytes;
      }
    }
    return taken;
  }

  /** Prunes what grew too deep, and says what is worth a warning. */
  check(memberCount: number): SerfReport[] {
    const limit = queueDepthLimit(this.#options, memberCount);
    const reports: SerfReport[] = [];
    for (const [name, queue] of this.#named()) {
      const depth = queue.length;
      queue.prune(limit);
      const dropped = depth - queue.length;
      if (depth < this.#options.queueDepthWarning && dropped === 0) continue;
      reports.push({ type: 'report', code: 'queueDepth', queue: name, depth, dropped });
    }
    return reports;
  }

  /** The longest message that a packet of gossip has room for. */
  #roomBytes(packetOverheadBytes: number): number {
    return this.#options.swim.packetBudgetBytes - packetOverheadBytes - framingBytes;
  }

  #named(): [name: 'Intent' | 'Event' | 'Query', queue: BroadcastQueue][] {
    return [
      ['Intent', this.intents],
      ['Event', this.events],
      ['Query', this.queries],
    ];
  }
}
