import type { EventRecord } from '@tserf/client';
import type { JsonValue } from './json.js';
import { memberJson } from './members-json.js';
import { sortedByName } from './order.js';

/** An event as a JSON value. */
export function eventJson(event: EventRecord): JsonValue {
  switch (event.type) {
    case 'user':
      return {
        event: event.type,
        name: event.name,
        ltime: event.lamportTime,
        coalesce: event.coalesce,
        ...payloadJson(event.payload),
      };
    case 'query':
      return {
        event: event.type,
        name: event.name,
        ltime: event.lamportTime,
        id: event.id,
        ...payloadJson(event.payload),
      };
    default:
      return { event: event.type, members: sortedByName(event.members).map(memberJson) };
  }
}

/** Text as `payload`, anything else in base64 under a name of its own. */
function payloadJson(payload: Uint8Array | undefined): { readonly [field: string]: JsonValue } {
  if (payload === undefined) return { payload: null };
  try {
    return { payload: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload) };
  } catch {
    return { payload_base64: Buffer.from(payload).toString('base64') };
  }
}
