import type { SerfMessage } from './serf-messages.js';
export { decodeFilter, encodeFilter, type QueryFilter } from './filter.js';
/** Serf's type byte included, without memberlist's 8. */
export function encodeSerfMessage(message: SerfMessage): Uint8Array { void message; throw new Error('being written'); }
export function decodeSerfMessage(body: Uint8Array): SerfMessage { void body; throw new Error('being written'); }
