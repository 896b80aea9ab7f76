import type { IncomingQuery, SerfEvent, UserEvent } from '../../src/serf/event.js';
import type { QueryRequest, SerfInput } from '../../src/serf/input.js';
import { type SerfOptions, serfDefaults } from '../../src/serf/options.js';
import type { SerfOutput } from '../../src/serf/output.js';
import { SerfNode } from '../../src/serf/serf-node.js';
import type { RestoredState } from '../../src/serf/snapshot/restored-state.js';
import { profiles } from '../../src/swim/options.js';
import type { Random } from '../../src/swim/random.js';
import { type Endpoint, formatEndpoint } from '../../src/wire/endpoint.js';
import { decodeMessage } from '../../src/wire/message-codec.js';
import type { PushPullState } from '../../src/wire/messages.js';
import { decodeSerfMessage, encodeSerfMessage } from '../../src/wire/serf-codec.js';
import type { SerfMessage, SerfState } from '../../src/wire/serf-messages.js';
import { serfVersions } from '../../src/wire/versions.js';

export const elsewhere: Endpoint = { host: '10.9.9.9', port: 7_946 };

export function serfOptions(
  name: string,
  port: number,
  changes: Partial<SerfOptions>,
): SerfOptions {
  return {
    ...serfDefaults,
    swim: {
      ...profiles.local,
      name,
      address: Uint8Array.of(10, 0, 0, 1),
      port,
      versions: serfVersions(changes.protocol ?? 5),
      packetBudgetBytes: 1_400,
      packetOverheadBytes: 0,
      deadNodeReclaimMs: 0,
      disableStreamProbes: false,
      broadcastQueueLimit: 1_000,
      memberLimit: 1_000,
      allowedNetworks: [],
    },
    ...changes,
  };
}

/** Small and repeatable: the same seed gives the same numbers. */
function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const plainQuery: QueryRequest = {
  name: '',
  payload: undefined,
  filterNodes: [],
  filterTags: {},
  requestAck: true,
  relayFactor: 0,
  timeoutMs: 0,
  endEarly: false,
};

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** One node, and everything it told. */
export class NodeUnderTest {
  readonly node: SerfNode;
  readonly endpoint: Endpoint;
  readonly #network: Network;
  readonly outputs: SerfOutput[] = [];
  /** Member events of this node, as "type name". */
  readonly events: string[] = [];
  /** User events that it delivered. */
  readonly userEvents: UserEvent[] = [];
  /** Queries that it was asked. */
  readonly queries: IncomingQuery[] = [];
  /** What it answers to every query at once; `undefined` for nothing. */
  answer: Uint8Array | undefined;
  #lastRequest = 1_000;
  isUp = true;

  constructor(
    network: Network,
    options: SerfOptions,
    random: Random,
    restored?: RestoredState,
    keys?: readonly Uint8Array[],
    keepsKeys?: boolean,
  ) {
    this.#network = network;
    this.node = new SerfNode(options, random, restored, keys, keepsKeys);
    this.endpoint = { host: '10.0.0.1', port: options.swim.port };
  }

  /** Feeds one input, carries out what it leads to, and returns the outputs. */
  feed(input: SerfInput): SerfOutput[] {
    const outputs = this.node.handle(input, this.#network.nowMs);
    for (const output of outputs) this.#perform(output);
    return outputs;
  }

  /** Starts a query with request 1, with every default that is not changed. */
  ask(name: string, changes: Partial<QueryRequest> = {}): SerfOutput[] {
    const query = { ...plainQuery, name, ...changes };
    return this.feed({ type: 'query', request: 1, query });
  }

  /** Who acked the query of request 1, in alphabetical order. */
  acks(): string[] {
    return this.outputs.flatMap((each) => (each.type === 'queryAck' ? [each.from] : [])).sort();
  }

  /** Who answered the query of request 1 and what, in alphabetical order. */
  responses(): string[] {
    return this.outputs
      .flatMap((each) =>
        each.type === 'queryResponse' ? [`${each.from}: ${text(each.payload)}`] : [],
      )
      .sort();
  }

  /** How the query of request 1 ended; `undefined` while it runs. */
  ended(): Extract<SerfOutput, { type: 'queryDone' }> | undefined {
    return this.outputs.find((each) => each.type === 'queryDone');
  }

  /** A message of the Serf layer from a stranger's socket. */
  hear(message: SerfMessage): SerfOutput[] {
    return this.hearBytes(encodeSerfMessage(message));
  }

  hearBytes(body: Uint8Array): SerfOutput[] {
    const message = { type: 'user', body } as const;
    return this.feed({ type: 'message', message, from: elsewhere, via: 'packet' });
  }

  /** What this node would say in a push/pull now. */
  state(): SerfState {
    const outputs = this.feed({ type: 'pushPullReady', exchange: -1, join: false });
    const sent = outputs.find((output) => output.type === 'pushPullSend');
    const state = decodeSerfMessage(sent?.state.userState ?? new Uint8Array());
    if (state.type !== 'state') throw new Error('the user state is of another kind');
    return state;
  }

  /** A push/pull's user state, of somebody who knows no members. */
  mergeState(state: Partial<SerfState>, join = false): SerfOutput[] {
    const userState = encodeSerfMessage({
      type: 'state',
      ltime: 1,
      statusLTimes: new Map(),
      leftMembers: [],
      eventLTime: 1,
      events: [],
      queryLTime: 1,
      ...state,
    });
    return this.feed({
      type: 'pushPullRequest',
      exchange: -1,
      state: { join, nodes: [], userState },
      from: elsewhere,
    });
  }

  /** Each member with its status, as this node sees them, sorted by name. */
  statuses(): string[] {
    return this.node
      .members()
      .map((member) => `${member.name} ${member.status}`)
      .sort();
  }

  /** How the request ended: `undefined` while it runs, 'ok', or its error. */
  result(request: number): string | undefined {
    const done = this.outputs.find(
      (output) => output.type === 'done' && output.request === request,
    );
    return done?.type === 'done' ? (done.error ?? 'ok') : undefined;
  }

  #hear(event: SerfEvent): void {
    if (event.type === 'user') this.userEvents.push(event);
    else if (event.type === 'query') this.#answer(event);
    else {
      for (const member of event.members) this.events.push(`${event.type} ${member.name}`);
    }
  }

  #answer(event: IncomingQuery): void {
    this.queries.push(event);
    if (this.answer === undefined) return;
    this.#lastRequest += 1;
    const payload = this.answer;
    this.feed({ type: 'respond', request: this.#lastRequest, query: event.query, payload });
  }

  #perform(output: SerfOutput): void {
    this.outputs.push(output);
    if (output.type === 'event') this.#hear(output.event);
    this.#network.perform(this, output);
  }
}

const latencyMs = 1;

/** Nodes in virtual time on a network that loses nothing. What a stopped node says or should hear is lost. */
export class Network {
  nowMs = 0;
  /** What the nodes that are started from now on have as keys. Nothing is encrypted here. */
  keys: readonly Uint8Array[] = [];
  /** Whether they are told what became of changed keys: a test says `keyringKept` for the shell. */
  keepsKeys = false;
  readonly #random = seededRandom(42);
  readonly #byEndpoint = new Map<string, NodeUnderTest>();
  #due: { readonly atMs: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;
  #exchange = 0;
  /** Everything of the Serf layer that packets carried. */
  readonly carried: { readonly from: Endpoint; readonly message: SerfMessage }[] = [];

  /** Adds and starts a node. A name that was used lives on at the old address with `port` given. */
  start(
    name: string,
    changes: Partial<SerfOptions> = {},
    port = 7_000 + this.#byEndpoint.size,
    restored?: RestoredState,
  ) {
    const options = serfOptions(name, port, changes);
    const { keys, keepsKeys } = this;
    const node = new NodeUnderTest(this, options, this.#random, restored, keys, keepsKeys);
    this.#byEndpoint.set(formatEndpoint(node.endpoint), node);
    node.feed({ type: 'start' });
    return node;
  }

  /** Some nodes that know each other. */
  cluster(...names: string[]): NodeUnderTest[] {
    const nodes = names.map((name) => this.start(name));
    const [first, ...others] = nodes;
    if (first !== undefined) for (const other of others) this.join(other, first);
    this.runFor(5_000);
    return nodes;
  }

  /** What an application's join does: a push/pull, and then the announcement. */
  join(node: NodeUnderTest, seed: NodeUnderTest, ignoreOld = false): void {
    this.#exchangeStates(node, seed, true, ignoreOld);
    node.feed({ type: 'joinCompleted', contacted: 1 });
  }

  runFor(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.#due[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#due.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = untilMs;
  }

  perform(node: NodeUnderTest, output: SerfOutput): void {
    if (!node.isUp) return;
    switch (output.type) {
      case 'schedule':
        this.#at(output.atMs, () => {
          if (node.isUp) node.feed({ type: 'timer', timer: output.timer });
        });
        break;
      case 'packet':
        this.#deliver(node, output.to, output.parts);
        break;
      case 'streamUser': {
        const message = { type: 'user', body: output.message } as const;
        this.#at(this.nowMs + latencyMs, () =>
          this.#find(output.to)?.feed({
            type: 'message',
            message,
            from: node.endpoint,
            via: 'stream',
          }),
        );
        break;
      }
      case 'pushPull': {
        const other = this.#find(output.to);
        if (other !== undefined)
          this.#at(this.nowMs, () => this.#exchangeStates(node, other, output.join));
        break;
      }
      case 'streamProbe': {
        const { sequence, node: wanted } = output.ping;
        const contact = this.#find(output.to)?.node.local.name === wanted;
        this.#at(this.nowMs + latencyMs, () =>
          node.feed({ type: 'streamProbeResult', sequence, contact }),
        );
        break;
      }
      default:
    }
  }

  #deliver(from: NodeUnderTest, to: Endpoint, parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      const message = decodeMessage(part);
      if (message.type === 'user') {
        this.carried.push({ from: from.endpoint, message: decodeSerfMessage(message.body) });
      }
      this.#at(this.nowMs + latencyMs, () =>
        this.#find(to)?.feed({ type: 'message', message, from: from.endpoint, via: 'packet' }),
      );
    }
  }

  #exchangeStates(
    dialler: NodeUnderTest,
    answerer: NodeUnderTest,
    join: boolean,
    ignoreOld = false,
  ): void {
    if (!dialler.isUp || !answerer.isUp) return;
    this.#exchange += 1;
    const exchange = this.#exchange;
    const sent = (outputs: SerfOutput[]): PushPullState => {
      const output = outputs.find((each) => each.type === 'pushPullSend');
      if (output === undefined) throw new Error('a push/pull without a state');
      return output.state;
    };
    const request = sent(dialler.feed({ type: 'pushPullReady', exchange, join }));
    const from = dialler.endpoint;
    const state = sent(answerer.feed({ type: 'pushPullRequest', exchange, state: request, from }));
    dialler.feed({ type: 'pushPullAnswer', exchange, join, state, ignoreOld });
  }

  #find(endpoint: Endpoint): NodeUnderTest | undefined {
    const node = this.#byEndpoint.get(formatEndpoint(endpoint));
    return node?.isUp ? node : undefined;
  }

  #at(atMs: number, run: () => void): void {
    this.#order += 1;
    const entry = { atMs, order: this.#order, run };
    const index = this.#due.findIndex((other) => other.atMs > atMs);
    if (index === -1) this.#due.push(entry);
    else this.#due.splice(index, 0, entry);
  }
}
