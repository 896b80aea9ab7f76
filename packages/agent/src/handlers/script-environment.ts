import { byCodePoint, printable, type Tags } from '@tserf/core';
import type { HostEvent } from '../rpc/host.js';
import type { LocalNode } from './local-node.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a script (spec/07 §15.4): the agent's own, and over it what there is to know of the event and of
 * this node. Where two tags have one name here, the last one in the order of their names stands.
 */
export function scriptEnvironment(
  inherited: Environment,
  { name, tags }: LocalNode,
  event: HostEvent,
): Record<string, string | undefined> {
  const environment: Record<string, string | undefined> = {
    ...inherited,
    SERF_EVENT: event.type,
    SERF_SELF_NAME: name,
    SERF_SELF_ROLE: tags['role'] ?? '',
  };
  for (const tag of sortedNames(tags)) environment[tagVariable(tag)] = tags[tag] ?? '';
  if (event.type === 'user') {
    environment['SERF_USER_EVENT'] = event.name;
    environment['SERF_USER_LTIME'] = String(event.ltime);
  } else if (event.type === 'query') {
    environment['SERF_QUERY_NAME'] = event.name;
    environment['SERF_QUERY_LTIME'] = String(event.ltime);
  }
  return environment;
}

/** Tags that have one variable among them, a line for each such variable. */
export function tagCollisions(tags: Tags): string[] {
  const byVariable = new Map<string, string[]>();
  for (const tag of sortedNames(tags)) {
    const variable = tagVariable(tag);
    byVariable.set(variable, [...(byVariable.get(variable) ?? []), tag]);
  }
  return [...byVariable]
    .filter(([, names]) => names.length > 1)
    .map(([variable, names]) => {
      const list = names.map((name) => `'${printable(name)}'`).join(' and ');
      return `Tags ${list} are all ${variable} for handlers, which see the last of them`;
    });
}

/**
 * `SERF_TAG_` and the tag's name, code point by code point: in upper case, and `_` for what is then no letter from A to
 * Z, digit or `_`. Upper case of one letter may be two (ß), which Go, unlike JavaScript, never makes of it.
 */
function tagVariable(tag: string): string {
  const letters = Array.from(tag, (character) => {
    const upper = character.toUpperCase();
    return /^[A-Z0-9_]$/.test(upper) ? upper : '_';
  });
  return `SERF_TAG_${letters.join('')}`;
}

/** Names in the order of their code points, whatever the order in which tags were set. */
export function sortedNames(tags: Readonly<Record<string, string>>): string[] {
  return Object.keys(tags).sort(byCodePoint);
}
