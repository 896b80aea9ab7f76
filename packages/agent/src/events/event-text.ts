import { printable } from '@tserf/core';
import type { HostEvent } from '../rpc/host.js';

/** An event as the log names it (spec/07 §12.6). */
export function eventText(event: HostEvent): string {
  switch (event.type) {
    case 'user':
      return `user-event: ${printable(event.name)}`;
    case 'query':
      return `query: ${printable(event.name)}`;
    default:
      return event.type;
  }
}
