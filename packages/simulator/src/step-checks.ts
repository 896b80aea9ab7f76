import {
  type Endpoint,
  type MembershipView,
  queueDepthLimit,
  type SerfInput,
  type SerfOptions,
  type SerfOutput,
  type SerfTimer,
} from '@tserf/core/pure';
import { timerBound } from './timer-bound.js';
import type { Rule, Violation } from './violation.js';
import type { VirtualTime } from './virtual-time.js';

/** What the rules look at of a host that is up. */
export interface Checked {
  readonly name: string;
  readonly life: number;
  readonly endpoint: Endpoint;
  readonly options: SerfOptions;
  readonly outstandingTimers: ReadonlyMap<string, number>;
  readonly node: {
    readonly membership: Pick<MembershipView, 'member' | 'memberCount' | 'queuedBroadcasts'>;
    readonly memberCount: number;
    stats(): Record<string, string>;
  };
}

/** What a node last held of one member. */
interface Held {
  readonly incarnation: number;
  readonly isGone: boolean;
}

/** What is remembered of one host's present life, to compare its next step with. */
interface Ledger {
  readonly life: number;
  readonly held: Map<string, Held>;
  /** How many entries the node had after its last step: with fewer, some were reaped. */
  memberCount: number;
  /** When indirect pings came, of the last probe timeout: each explains two waiting timers. */
  relays: number[];
}

/** CRC wrapper: type byte and sum. It alone may come on top of the packet budget. */
const checksumBytes = 5;

/**
 * The rules that hold after every step, checked on the node that just took an input, and only on what the input can have
 * changed: so that checking costs little beside the step itself.
 */
export class StepChecks {
  readonly violations: Violation[] = [];
  readonly #time: VirtualTime;
  readonly #ledgers = new Map<Checked, Ledger>();
  #steps = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Inputs handled so far, on all nodes. */
  get steps(): number {
    return this.#steps;
  }

  /** Runs one step; a node that throws has broken a rule. */
  guard(host: Checked, input: SerfInput, step: () => SerfOutput[]): SerfOutput[] | undefined {
    this.#steps += 1;
    try {
      return step();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.report('threw', host, `on ${describeInput(input)}: ${text}`);
      return undefined;
    }
  }

  afterStep(host: Checked, input: SerfInput, outputs: readonly SerfOutput[]): void {
    const ledger = this.#ledgerOf(host);
    if (input.type === 'message' && input.message.type === 'indirectPing') {
      ledger.relays.push(this.#time.nowMs);
    }
    this.#forgetReaped(host, ledger);
    for (const name of touchedNames(host, input)) this.#compare(host, ledger, name);
    if (input.type === 'timer') this.#afterTimer(host, input.timer.type);
    for (const output of outputs) this.#checkOutput(host, ledger, output);
  }

  /** A packet left: it must fit, whatever was put around its parts. */
  packet(host: Checked, sealedBytes: number, parts: number): void {
    const budgetBytes = host.options.swim.packetBudgetBytes;
    if (sealedBytes <= budgetBytes + checksumBytes) return;
    const detail = `${sealedBytes} bytes in ${parts} parts; the budget is ${budgetBytes} and the checksum`;
    this.report('packet-over-budget', host, detail);
  }

  unreadable(host: Checked, error: Error): void {
    this.report('unreadable', host, error.message);
  }

  report(rule: Rule, host: Checked | undefined, detail: string): void {
    this.violations.push({ rule, atMs: this.#time.nowMs, node: host?.name, detail });
  }

  /** Steps of one node are compared within one life: a restarted process may know less. */
  #ledgerOf(host: Checked): Ledger {
    const known = this.#ledgers.get(host);
    if (known?.life === host.life) return known;
    const fresh: Ledger = { life: host.life, held: new Map(), memberCount: 0, relays: [] };
    this.#ledgers.set(host, fresh);
    return fresh;
  }

  /** Any step that ends a probe round may begin a new cycle, which reaps. */
  #forgetReaped(host: Checked, ledger: Ledger): void {
    const { membership } = host.node;
    const before = ledger.memberCount;
    ledger.memberCount = membership.memberCount;
    if (membership.memberCount >= before) return;
    for (const name of ledger.held.keys()) {
      if (membership.member(name) === undefined) ledger.held.delete(name);
    }
  }

  #compare(host: Checked, ledger: Ledger, name: string): void {
    const entry = host.node.membership.member(name);
    const before = ledger.held.get(name);
    if (entry === undefined) {
      ledger.held.delete(name);
      return;
    }
    const now = {
      incarnation: entry.incarnation,
      isGone: entry.state === 'dead' || entry.state === 'left',
    };
    ledger.held.set(name, now);
    if (before === undefined) return;
    const change = `${name} went from incarnation ${before.incarnation} to ${now.incarnation}`;
    if (now.incarnation < before.incarnation) this.report('incarnation-fell', host, change);
    else if (before.isGone && !now.isGone && now.incarnation === before.incarnation) {
      this.report('resurrected', host, `${change}, from gone to ${entry.state}`);
    }
  }

  /** Timers are when queues are pruned. */
  #afterTimer(host: Checked, kind: SerfTimer['type']): void {
    const { membership } = host.node;
    const limit = host.options.swim.broadcastQueueLimit;
    if (membership.queuedBroadcasts > limit) {
      const detail = `${membership.queuedBroadcasts} membership broadcasts, of ${limit} at most`;
      this.report('queue-over-limit', host, detail);
    }
    if (kind === 'queueCheckTick') this.#checkPrunedQueues(host);
  }

  #checkPrunedQueues(host: Checked): void {
    const limit = queueDepthLimit(host.options, host.node.memberCount);
    const stats = host.node.stats();
    for (const queue of ['intent_queue', 'event_queue', 'query_queue']) {
      const depth = Number(stats[queue]);
      if (depth <= limit) continue;
      this.report('queue-over-limit', host, `${depth} in ${queue} after pruning to ${limit}`);
    }
  }

  #checkOutput(host: Checked, ledger: Ledger, output: SerfOutput): void {
    switch (output.type) {
      case 'packet':
      case 'streamProbe':
      case 'pushPull':
      case 'contact':
        if (isSame(output.to, host.endpoint)) {
          this.report('sent-to-itself', host, `a ${output.type}`);
        }
        break;
      case 'schedule':
        if (!Number.isFinite(output.atMs)) {
          this.report('bad-timer', host, `${JSON.stringify(output.timer)} at ${output.atMs}`);
        }
        this.#checkTimers(host, ledger);
        break;
      default:
    }
  }

  #checkTimers(host: Checked, ledger: Ledger): void {
    const sinceMs = this.#time.nowMs - host.options.swim.probeTimeoutMs;
    ledger.relays = ledger.relays.filter((atMs) => atMs >= sinceMs);
    for (const [kind, waiting] of host.outstandingTimers) {
      const bound = timerBound(
        kind,
        host.options,
        host.node.membership.memberCount,
        ledger.relays.length,
      );
      if (waiting > bound)
        this.report('timers-leak', host, `${waiting} ${kind}, at most ${bound} are explained`);
    }
  }
}

/** The members whose entries this input can have changed. */
function touchedNames(host: Checked, input: SerfInput): string[] {
  switch (input.type) {
    case 'message': {
      const { message } = input;
      if (message.type === 'alive' || message.type === 'suspect' || message.type === 'dead') {
        return [message.node];
      }
      return [];
    }
    case 'pushPullRequest':
    case 'pushPullAnswer':
      return input.state.nodes.map(({ name }) => name);
    case 'timer':
      if (input.timer.type === 'swim' && input.timer.timer.type === 'suspicion') {
        return [input.timer.timer.node];
      }
      return [];
    default:
      return [host.name];
  }
}

function describeInput(input: SerfInput): string {
  switch (input.type) {
    case 'message':
      return `${input.message.type} from ${input.from.host}:${input.from.port}`;
    case 'timer':
      return `timer ${JSON.stringify(input.timer)}`;
    default:
      return input.type;
  }
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.host === other.host && one.port === other.port;
}
