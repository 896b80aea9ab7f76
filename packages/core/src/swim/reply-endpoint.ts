import { type Endpoint, endpointOf, isUnspecified } from '../wire/endpoint.js';
import type { IndirectPing, Ping } from '../wire/messages.js';
import { sameBytes } from './bytes.js';
import type { SwimState } from './state.js';

/**
 * Where the answer to a ping goes: to the source that it names, or, when that is incomplete, to where it came from
 * (spec/02 §11.5). `undefined`, counted, for an address that can't be one or isn't allowed: an answer sent there would
 * be this node's doing (spec/01 W3).
 */
export function replyEndpoint(state: SwimState, ping: Ping | IndirectPing): Endpoint | undefined {
  const { sourceAddress, sourcePort, sourceNode } = ping;
  if (sourceAddress === undefined || sourceAddress.length === 0 || sourcePort === 0) {
    return state.origin;
  }
  if (!state.networks.allows(sourceAddress)) {
    state.refuse('network', sourceNode);
    return undefined;
  }
  // Nearly every ping comes from a member: its endpoint is there already.
  const known = state.members.get(sourceNode)?.member;
  if (known?.port === sourcePort && sameBytes(known.address, sourceAddress)) return known.endpoint;

  const endpoint = endpointOf(sourceAddress, sourcePort);
  if (endpoint !== undefined && !isUnspecified(sourceAddress)) return endpoint;
  state.refuse('address', sourceNode);
  return undefined;
}
