import type { BroadcastQueue } from '../swim/broadcast-queue.js';
import type { Random } from '../swim/random.js';
import type { Endpoint } from '../wire/endpoint.js';
import { Keyring } from '../wire/keyring.js';
import { Answers } from './answers.js';
import { InternalQueries } from './internal-queries.js';
import { KeyAnswers } from './key-answers.js';
import { KeyManager } from './key-manager.js';
import type { Tags } from './member.js';
import type { Members } from './members.js';
import { NameConflicts } from './name-conflicts.js';
import { OpenQueries } from './open-queries.js';
import type { SerfOptions } from './options.js';
import type { SerfOutput } from './output.js';
import { OwnQueries } from './own-queries.js';
import { Queries } from './queries.js';
import { QueryCollectors } from './query-collectors.js';
import { Relays } from './relays.js';

export interface QueryLayerParts {
  readonly members: Members;
  readonly queue: BroadcastQueue;
  readonly random: Random;
  /** This node's tags, as they are now. */
  readonly tags: () => Tags;
  /** Members that the membership layer holds as alive, this node included. */
  readonly aliveCount: () => number;
  /** Sends one message of the Serf layer straight to a node, best effort. */
  readonly send: (to: Endpoint, node: string, body: Uint8Array) => void;
  /** Takes a message of the Serf layer that came by way of another member. */
  readonly receive: (body: Uint8Array) => void;
  /** Whether somebody of this node's name answers at an address: the conflicts' `rivalAnswered` follows. */
  readonly pingRival: (to: Endpoint) => void;
  readonly isStaying: () => boolean;
  readonly nowMs: () => number;
  readonly emit: (output: SerfOutput) => void;
  /** Counts and reports a message that cannot be believed. */
  readonly refuse: (detail: string) => void;
}

export interface KeySetup {
  /** The cluster's keys, the primary first; none without encryption. */
  readonly keys: readonly Uint8Array[];
  /** Whether the shell keeps them, and says so. */
  readonly keepsKeys: boolean;
}

/** Everything of a node that asks and answers, put together (spec/03 §14, §15). */
export class QueryLayer {
  readonly queries: Queries;
  readonly collectors: QueryCollectors;
  /** What others asked this node's application. */
  readonly open: OpenQueries;
  /** What this node's application asks. */
  readonly own: OwnQueries;
  readonly keys: KeyManager;
  /** What this node does when it is asked to change its keys. */
  readonly keyAnswers: KeyAnswers;
  readonly conflicts: NameConflicts;
  readonly relays: Relays;

  constructor(options: SerfOptions, { keys, keepsKeys }: KeySetup, parts: QueryLayerParts) {
    const self = options.swim.name;
    const { emit, refuse, nowMs } = parts;
    const answers = new Answers(options, {
      ...parts,
      self,
      deliver: (response) => this.collectors.receive(response, nowMs()),
    });
    this.keyAnswers = new KeyAnswers(options.queryResponseSizeLimit, {
      keyring: new Keyring(keys, keys[0]),
      keepsKeys,
      answers,
      emit,
    });
    this.open = new OpenQueries(answers, emit);
    this.queries = new Queries({
      ...parts,
      self,
      answers,
      open: this.open,
      internal: new InternalQueries({
        keys: this.keyAnswers,
        conflicts: { answer: (query) => this.conflicts.answer(query) },
        refuse,
      }),
    });
    this.collectors = new QueryCollectors(options, { ...parts, self, queries: this.queries });
    this.own = new OwnQueries(this.collectors, emit);
    this.keys = new KeyManager({ ...parts, collectors: this.collectors });
    this.conflicts = new NameConflicts(options, {
      ...parts,
      self,
      answers,
      collectors: this.collectors,
    });
    this.relays = new Relays({ ...parts, self });
  }
}
