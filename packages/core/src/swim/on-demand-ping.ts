import { encodeMessage } from '../wire/message-codec.js';
import type { Ping } from '../wire/messages.js';
import type { SwimInput } from './input.js';
import type { OpenPing } from './open-pings.js';
import type { SwimState } from './state.js';
import { sendWithGossip } from './transmit.js';

type OnDemand = Extract<OpenPing, { type: 'onDemand' }>;

/** One ping for the layer above: whether it was answered, and nothing else comes of it (spec/02 §11.6). */
export function pingOnDemand(state: SwimState, input: Extract<SwimInput, { type: 'ping' }>): void {
  const { openPings, self, options, nowMs } = state;
  const { token, node, to, stream = false } = input;
  if (!openPings.hasRoomFor('onDemand')) {
    state.refuse('pingLimit', node);
    state.emit({ type: 'pingResult', token, rttMs: undefined });
    return;
  }
  const ping: Omit<Ping, 'sequence'> = {
    type: 'ping',
    node,
    sourceAddress: self.member.address,
    sourcePort: self.member.port,
    sourceNode: options.name,
  };
  const triesStream = stream && !options.disableStreamProbes;
  const sequence = openPings.open({
    type: 'onDemand',
    token,
    sentMs: nowMs,
    to,
    ping,
    triesStream,
  });
  sendWithGossip(state, to, encodeMessage({ ...ping, sequence }));
  state.schedule({ type: 'pingTimeout', sequence }, nowMs + options.probeTimeoutMs);
}

export function onDemandAcked(state: SwimState, sequence: number, ping: OnDemand): void {
  end(state, sequence, ping, state.nowMs - ping.sentMs);
}

/**
 * This node's own ping arrived here: where it went, nobody else is. A node that took another address of its own machine
 * would otherwise take itself for the one that it looks for.
 */
export function isOwnEcho(state: SwimState, { sourceNode, sequence }: Ping): boolean {
  const ping = state.openPings.get(sequence);
  if (ping?.type !== 'onDemand' || sourceNode !== state.options.name) return false;
  end(state, sequence, ping, undefined);
  return true;
}

export function onDemandStreamResult(state: SwimState, sequence: number, contact: boolean): void {
  const ping = state.openPings.get(sequence);
  if (ping?.type !== 'onDemand') return;
  end(state, sequence, ping, contact ? state.nowMs - ping.sentMs : undefined);
}

export function onDemandOver(state: SwimState, sequence: number): void {
  const ping = state.openPings.get(sequence);
  if (ping?.type !== 'onDemand') return;
  if (!ping.triesStream) {
    end(state, sequence, ping, undefined);
    return;
  }
  ping.triesStream = false;
  const deadlineMs = ping.sentMs + state.options.probeIntervalMs;
  state.emit({ type: 'streamProbe', to: ping.to, ping: { ...ping.ping, sequence }, deadlineMs });
  state.schedule({ type: 'pingTimeout', sequence }, deadlineMs);
}

function end(state: SwimState, sequence: number, { token }: OnDemand, rttMs: number | undefined) {
  state.openPings.close(sequence);
  state.emit({ type: 'pingResult', token, rttMs });
}
