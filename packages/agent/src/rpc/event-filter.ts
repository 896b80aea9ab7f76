import { parseEventPattern } from '../events/event-pattern.js';
import type { HostEvent } from './host.js';

/** Which events a stream gets. */
export type EventFilter = (event: HostEvent) => boolean;

/**
 * Reads a list such as `member-join,user:deploy,query` (spec/05 §8.7); empty is `*`. Nothing is trimmed. Undefined
 * when any entry is invalid.
 */
export function parseEventFilter(list: string): EventFilter | undefined {
  const types = new Set<string>();
  const names = { user: new Set<string>(), query: new Set<string>() };
  for (const element of (list === '' ? '*' : list).split(',')) {
    const pattern = parseEventPattern(element);
    if (pattern === undefined) return undefined;
    const { event, name } = pattern;
    if (name !== '' && (event === 'user' || event === 'query')) names[event].add(name);
    else types.add(event);
  }
  if (types.has('*')) return () => true;
  return (event) => types.has(event.type) || ('name' in event && names[event.type].has(event.name));
}
