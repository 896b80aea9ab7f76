import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RequestOf } from '@tserf/client';
import { GoRegexError, type SerfMember } from '@tserf/core';
import { compileWrapped, type GoRegex } from './go-regex.js';

/** All patterns of one request together, in characters. Compiling this many takes some 50 ms, and nobody needs more. */
const patternLimit = 4_096;

/** After so long at one go, others have their turn. */
const sliceMs = 10;

type Test = (member: SerfMember) => boolean;

/**
 * Members that match every pattern (spec/05 §8.5). An empty status or name is no condition; an empty tag pattern wants
 * the tag empty or missing. Raises GoRegexError before anything is matched.
 */
export async function filterMembers(
  members: readonly SerfMember[],
  request: RequestOf<'members-filtered'>,
): Promise<readonly SerfMember[]> {
  const tests = await compile(request);
  if (tests.length === 0) return members;

  const found: SerfMember[] = [];
  let sliceEnd = performance.now() + sliceMs;
  for (const member of members) {
    if (tests.every((test) => test(member))) found.push(member);
    if (performance.now() < sliceEnd) continue;
    await nextTurn();
    sliceEnd = performance.now() + sliceMs;
  }
  return found;
}

async function compile({ tags, status, name }: RequestOf<'members-filtered'>): Promise<Test[]> {
  const patterns = [...Object.values(tags), status, name];
  if (patterns.reduce((sum, pattern) => sum + pattern.length, 0) > patternLimit) {
    throw new GoRegexError(`patterns of more than ${patternLimit} characters`);
  }
  const tests: Test[] = [];
  const add = (regex: GoRegex, textOf: (member: SerfMember) => string) => {
    tests.push((member) => regex(textOf(member)));
  };
  for (const [tag, pattern] of Object.entries(tags)) {
    const textOf = (member: SerfMember) =>
      Object.hasOwn(member.tags, tag) ? (member.tags[tag] ?? '') : '';
    add(await compileWrapped(pattern), textOf);
  }
  if (status !== '') add(await compileWrapped(status), (member) => member.status);
  if (name !== '') add(await compileWrapped(name), (member) => member.name);
  return tests;
}
