import { type Endpoint, endpointOf } from '../wire/endpoint.js';
import { serfMessageType } from '../wire/serf-message-type.js';
import type { Relay } from '../wire/serf-messages.js';
import { isSame } from './answers.js';
import type { SerfMember } from './member.js';
import type { Members } from './members.js';

export interface RelaysParts {
  readonly self: string;
  readonly members: Members;
  /** Sends one message of the Serf layer straight to a node, best effort. */
  readonly send: (to: Endpoint, node: string, body: Uint8Array) => void;
  /** Takes a message that was for this node itself. */
  readonly receive: (body: Uint8Array) => void;
  /** Counts and reports a message that is not passed on. */
  readonly refuse: (detail: string) => void;
}

/** Carries answers to queries for others: these alone, and to members alone, so that nobody is made a reflector (spec/03 §24, 9). */
export class Relays {
  readonly #parts: RelaysParts;

  constructor(parts: RelaysParts) {
    this.#parts = parts;
  }

  forward(relay: Relay): void {
    const { self, send, receive, refuse } = this.#parts;
    if (relay.inner[0] !== serfMessageType.queryResponse) {
      refuse(`a message of type ${relay.inner[0]} for ${relay.node} is not relayed`);
      return;
    }
    const member = this.#destination(relay);
    if (member === undefined)
      refuse(`nothing is relayed to ${relay.node}: no member has its address`);
    else if (member.name === self) receive(relay.inner);
    else send(member.endpoint, member.name, relay.inner.slice());
  }

  #destination({ address, port, node }: Relay): SerfMember | undefined {
    const { members } = this.#parts;
    const to = endpointOf(address, port);
    if (to === undefined) return undefined;
    const named = members.get(node);
    if (named !== undefined && isSame(named.endpoint, to)) return named;
    return members.all().find(({ endpoint }) => isSame(endpoint, to));
  }
}
