import type { GossipMessage } from './messages.js';
export { memberNameProblem } from './member-name.js';
/** One message as a packet carries it, type byte included. */
export function encodeMessage(message: GossipMessage): Uint8Array { void message; throw new Error('being written'); }
export function decodeMessage(part: Uint8Array): GossipMessage { void part; throw new Error('being written'); }
