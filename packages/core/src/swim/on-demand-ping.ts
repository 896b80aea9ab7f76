import type { Endpoint } from '../wire/endpoint.js';
import { encodeMessage } from '../wire/message-codec.js';
import type { Token } from './input.js';
import type { OpenPing } from './open-pings.js';
import type { SwimState } from './state.js';
import { sendWithGossip } from './transmit.js';

type OnDemand = Extract<OpenPing, { type: 'onDemand' }>;

/** One ping for the layer above: its round trip, and nothing else comes of it (spec/02 §11.6). */
export function pingOnDemand(state: SwimState, token: Token, node: string, to: Endpoint): void {
  const { openPings, self, options, nowMs } = state;
  if (!openPings.hasRoomFor('onDemand')) {
    state.refuse('pingLimit', node);
    state.emit({ type: 'pingResult', token, rttMs: undefined });
    return;
  }
  const sequence = openPings.open({ type: 'onDemand', token, sentMs: nowMs });
  const ping = encodeMessage({
    type: 'ping',
    sequence,
    node,
    sourceAddress: self.member.address,
    sourcePort: self.member.port,
    sourceNode: options.name,
  });
  sendWithGossip(state, to, ping);
  state.schedule({ type: 'pingTimeout', sequence }, nowMs + options.probeTimeoutMs);
}

export function onDemandAcked(state: SwimState, sequence: number, ping: OnDemand): void {
  state.openPings.close(sequence);
  state.emit({ type: 'pingResult', token: ping.token, rttMs: state.nowMs - ping.sentMs });
}

export function onDemandOver(state: SwimState, sequence: number): void {
  const ping = state.openPings.get(sequence);
  if (ping?.type !== 'onDemand') return;
  state.openPings.close(sequence);
  state.emit({ type: 'pingResult', token: ping.token, rttMs: undefined });
}
