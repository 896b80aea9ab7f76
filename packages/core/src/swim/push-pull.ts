import type { PushPullNode, PushPullState } from '../wire/messages.js';
import { adoptAddressForm, hearAlive } from './alive-rule.js';
import { hearDead } from './dead-rule.js';
import { isIncarnation } from './incarnation.js';
import type { ExchangeId } from './input.js';
import { isAfterStall } from './late-timers.js';
import type { Member } from './member.js';
import { choose } from './random-choice.js';
import { pushPullDelayMs } from './scaling.js';
import type { SwimState } from './state.js';
import { hearSuspect } from './suspect-rule.js';
import { versionProblem } from './version-check.js';

/** From time to time all is compared with one other member, whatever gossip has missed (spec/02 §8, §17). */
export class PushPull {
  readonly #state: SwimState;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(state: SwimState) {
    this.#state = state;
  }

  start(): void {
    const { options, random } = this.#state;
    if (options.pushPullIntervalMs > 0) this.#scheduleIn(options.pushPullIntervalMs * random());
  }

  tick(): void {
    isAfterStall(this.#state, this.#dueMs);
    const { members, options, self, random } = this.#state;
    this.#scheduleIn(pushPullDelayMs(options.pushPullIntervalMs, members.length));
    const [partner] = choose(
      1,
      members.entries,
      (entry) => entry !== self && entry.member.state === 'alive',
      random,
    );
    if (partner === undefined) return;
    const { endpoint: to, name: node } = partner.member;
    this.#state.emit({ type: 'pushPull', to, node, join: false });
  }

  /** Hands out this node's own view for a stream. */
  send(exchange: ExchangeId, join: boolean): void {
    const nodes = this.#state.members.entries.map(({ member }) => nodeOf(member));
    const userState = this.#state.hooks.localState(join);
    this.#state.emit({ type: 'pushPullSend', exchange, state: { join, nodes, userState } });
  }

  /** Takes over what the other side knows, or refuses all of it. */
  merge(exchange: ExchangeId, remote: PushPullState, join: boolean) {
    const refusal = this.#refusal(remote.nodes, join);
    if (refusal === undefined) {
      for (const node of remote.nodes) mergeNode(this.#state, node);
      if (remote.userState.length > 0) {
        this.#state.emit({ type: 'userState', state: remote.userState, join, exchange });
      }
    } else if (this.#state.mayReport('mergeRefused')) {
      this.#state.emit({ type: 'report', code: 'mergeRefused', reason: refusal });
    }
    this.#state.emit({ type: 'pushPullMerged', exchange, refusal });
  }

  #refusal(nodes: readonly PushPullNode[], join: boolean): string | undefined {
    const local = this.#state.members.entries.map(({ member }) => member);
    const problem = versionProblem(nodes, local);
    if (problem !== undefined || !join) return problem;
    return this.#state.hooks.mergeVerdict?.(nodes);
  }

  #scheduleIn(delayMs: number) {
    this.#dueMs = this.#state.nowMs + delayMs;
    this.#state.schedule({ type: 'pushPullTick' }, this.#dueMs);
  }
}

/**
 * One entry of the other side's list. Dead is never taken over as dead: the member gets the time of a suspicion to
 * refute, raised by this node itself, whoever accused it there (spec/02 §8, M15).
 */
function mergeNode(state: SwimState, node: PushPullNode) {
  const { name, incarnation } = node;
  if (name === state.options.name) adoptOwnForm(state, node);
  switch (node.state) {
    case 'alive': {
      const { address, port, meta, versions } = node;
      return hearAlive(state, {
        type: 'alive',
        incarnation,
        node: name,
        address,
        port,
        meta,
        versions,
      });
    }
    case 'left':
      return hearDead(state, { type: 'dead', incarnation, node: name, from: name });
    case 'dead':
    case 'suspect': {
      const from = state.options.name;
      return hearSuspect(state, { type: 'suspect', incarnation, node: name, from }, 'push/pull');
    }
    case 'unknown':
      return;
  }
}

/** An accusation of this node in the other address form: the refutation must come in that form, or nobody takes it. */
function adoptOwnForm(state: SwimState, { state: life, address, port, incarnation }: PushPullNode) {
  // An alive entry is looked at by the rule itself.
  if (life === 'alive' || life === 'unknown' || state.hasLeft) return;
  if (!isIncarnation(incarnation) || incarnation < state.self.member.incarnation) return;
  adoptAddressForm(state, address, port);
}

function nodeOf(member: Member): PushPullNode {
  const { name, address, port, meta, incarnation, state, versions } = member;
  return { name, address, port, meta, incarnation, state, versions };
}
