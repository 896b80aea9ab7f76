import { endpointOf, isUnspecified } from '../wire/endpoint.js';
import { encodeMessage } from '../wire/message-codec.js';
import type { IndirectPing } from '../wire/messages.js';
import type { OpenPing } from './open-pings.js';
import { replyEndpoint } from './reply-endpoint.js';
import type { SwimState } from './state.js';
import { sendWithGossip } from './transmit.js';

type Relay = Extract<OpenPing, { type: 'relay' }>;

/** Somebody asks this node to ping another for it (spec/02 §11.5). */
export function relayPing(state: SwimState, request: IndirectPing) {
  const { options, self, openPings, networks } = state;
  const requester = replyEndpoint(state, request);
  if (requester === undefined) return;
  const target = endpointOf(request.target, request.port === 0 ? options.port : request.port);
  if (target === undefined || isUnspecified(request.target)) {
    return state.refuse('address', request.sourceNode);
  }
  // A relay sends to whatever address it is given: at least it stays within the allowed networks.
  if (!networks.allows(request.target)) return state.refuse('network', request.sourceNode);
  if (!openPings.hasRoomFor('relay')) return state.refuse('relayLimit', request.sourceNode);

  const { sequence: requesterSequence, nack, node } = request;
  const sequence = openPings.open({
    type: 'relay',
    requester,
    requesterSequence,
    nackIsDue: nack,
  });
  const ping = encodeMessage({
    type: 'ping',
    sequence,
    node,
    sourceAddress: self.member.address,
    sourcePort: self.member.port,
    sourceNode: options.name,
  });
  sendWithGossip(state, target, ping);
  if (nack) state.schedule({ type: 'relayNack', sequence }, state.nowMs + nackDelayMs(state));
  state.schedule({ type: 'relayDeadline', sequence }, state.nowMs + options.probeTimeoutMs);
}

/** The target answered: so does the relay, without the target's payload. */
export function relayAcked(state: SwimState, sequence: number, relay: Relay): void {
  state.openPings.close(sequence);
  const ack = encodeMessage({ type: 'ack', sequence: relay.requesterSequence, payload: undefined });
  sendWithGossip(state, relay.requester, ack);
}

/** Says that the target is silent. An ack that comes later is still passed on. */
export function relayNackDue(state: SwimState, sequence: number): void {
  const relay = state.openPings.get(sequence);
  if (relay?.type !== 'relay' || !relay.nackIsDue) return;
  relay.nackIsDue = false;
  const nack = encodeMessage({ type: 'nack', sequence: relay.requesterSequence });
  sendWithGossip(state, relay.requester, nack);
}

export function relayOver(state: SwimState, sequence: number): void {
  // Where both fall due together, whichever comes first: the nack must not be lost.
  relayNackDue(state, sequence);
  if (state.openPings.get(sequence)?.type === 'relay') state.openPings.close(sequence);
}

/**
 * Early enough that the nack arrives before the prober stops listening. A nack after the whole probe timeout comes too
 * late with the usual settings and makes healthy probers doubt themselves (spec/02 §10).
 */
function nackDelayMs(state: SwimState): number {
  const { probeTimeoutMs, probeIntervalMs } = state.options;
  return Math.min(probeTimeoutMs, 0.8 * (probeIntervalMs - probeTimeoutMs));
}
