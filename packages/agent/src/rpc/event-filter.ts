import { isMemberEventType } from '@tserf/client';
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
  for (const entry of (list === '' ? '*' : list).split(',')) {
    const [, kind, name = ''] = /^(user|query)(?::(.*))?$/s.exec(entry) ?? [];
    if (kind === 'user' || kind === 'query') {
      // `user:` without a name is `user`.
      if (name === '') types.add(kind);
      else names[kind].add(name);
    } else if (entry === '*' || isMemberEventType(entry)) types.add(entry);
    else return undefined;
  }
  if (types.has('*')) return () => true;
  return (event) => types.has(event.type) || ('name' in event && names[event.type].has(event.name));
}
