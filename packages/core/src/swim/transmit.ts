import type { Endpoint } from '../wire/endpoint.js';
import type { SwimState } from './state.js';

/** What each part of a compound, and its header, cost on top (spec/01 §4.3). */
const partBytes = 2;
const headerBytes = 2;
/** A compound counts its parts in one byte, and the length of each in two. */
const maxParts = 255;
const maxPartBytes = 65_535;
const userByte = 8;

const nothing: Uint8Array[] = Object.freeze([] as Uint8Array[]) as Uint8Array[];

/** Parts for one endpoint, in as few packets as their number allows. Sends nothing for no parts. */
export function sendParts(
  state: SwimState,
  to: Endpoint,
  parts: readonly Uint8Array[],
  checksum: boolean,
): void {
  if (parts.length <= maxParts) {
    if (parts.length > 0) state.emit({ type: 'packet', to, parts, checksum, probe: undefined });
    return;
  }
  for (let first = 0; first < parts.length; first += maxParts) {
    sendParts(state, to, parts.slice(first, first + maxParts), checksum);
  }
}

/**
 * One message for one endpoint, with as much of the waiting gossip as fits (spec/02 §16). The message goes first; it
 * goes whatever its size. `probe` is its sequence number when it is a probe's own packet.
 */
export function sendWithGossip(
  state: SwimState,
  to: Endpoint,
  message: Uint8Array,
  probe?: number,
): void {
  const checksum = speaksChecksum(state, to);
  const { packetBudgetBytes } = state.options;
  // The message is a part of the compound too: with it counted, the packet stays within its budget.
  const usedBytes = headerBytes + partBytes + message.length + state.packetOverheadBytes;
  const gossip = collectGossip(state, packetBudgetBytes - usedBytes);
  if (gossip.length === 0) {
    state.emit({ type: 'packet', to, parts: [message], checksum, probe });
    return;
  }
  const parts = [message, ...gossip.slice(0, maxParts - 1)];
  state.emit({ type: 'packet', to, parts, checksum, probe });
  if (gossip.length >= maxParts) sendParts(state, to, gossip.slice(maxParts - 1), checksum);
}

/** What a packet that consists of gossip alone has room for. */
export function collectForPacket(state: SwimState): Uint8Array[] {
  const usedBytes = headerBytes + state.packetOverheadBytes;
  return collectGossip(state, state.options.packetBudgetBytes - usedBytes);
}

/**
 * Whether everybody who lives at an endpoint understands the checksum wrapper (protocol 5). It may be put on for any
 * member that is known to (spec/01 §4.1); of strangers nobody knows.
 */
export function speaksChecksum(state: SwimState, to: Endpoint): boolean {
  const entries = state.members.at(to);
  for (const entry of entries) if (entry.member.versions.protocolMax < 5) return false;
  return entries.length > 0;
}

/** Membership first, then the layer above with what room is left. Each message taken counts as sent. */
function collectGossip(state: SwimState, limitBytes: number): Uint8Array[] {
  const own = state.queue.collect(partBytes, limitBytes, state.members.length);
  let freeBytes = limitBytes;
  for (const message of own) freeBytes -= partBytes + message.length;

  // The layer above doesn't know of the byte that marks its messages: it is part of their overhead.
  const overheadBytes = partBytes + 1;
  if (freeBytes <= overheadBytes) return own;
  const theirs = state.hooks.broadcasts(overheadBytes, freeBytes);
  if (theirs.length === 0) return own.length === 0 ? nothing : own;
  const gossip = [...own];
  for (const body of theirs) {
    freeBytes -= overheadBytes + body.length;
    if (freeBytes < 0 || body.length >= maxPartBytes) {
      throw new Error(`The layer above gave more than fits: ${-freeBytes} bytes over the limit.`);
    }
    gossip.push(userPart(body));
  }
  return gossip;
}

/** A message of the layer above as a packet carries it. */
export function userPart(body: Uint8Array): Uint8Array {
  const part = new Uint8Array(body.length + 1);
  part[0] = userByte;
  part.set(body, 1);
  return part;
}
