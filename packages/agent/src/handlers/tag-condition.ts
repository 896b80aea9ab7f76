import { GoRegexError, type Tags } from '@tserf/core';

/** Whether a node with these tags is meant. */
export type TagCondition = (tags: Tags) => boolean;

/**
 * Compiles `where:`: tags and the patterns, of Go's dialect, that each must match from its beginning to its end. A
 * missing tag is like an empty one. Raises GoRegexError.
 */
export async function tagCondition(where: Tags): Promise<TagCondition> {
  const tests: TagCondition[] = [];
  for (const [tag, pattern] of Object.entries(where)) {
    const matches = await compileWhole(pattern);
    tests.push((tags) => matches(Object.hasOwn(tags, tag) ? (tags[tag] ?? '') : ''));
  }
  return (tags) => tests.every((test) => test(tags));
}

/** Why a pattern is none, in Go's words. */
export async function patternProblem(pattern: string): Promise<string | undefined> {
  try {
    await compileWhole(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof GoRegexError)) throw error;
    return error.message;
  }
}

async function compileWhole(pattern: string): Promise<(text: string) => boolean> {
  // Most agents never see a pattern, so its engine is loaded when the first one comes.
  const { compileGoRegex } = await import('@tserf/core/go-regex');
  // First by itself, so that an error shows what the operator wrote.
  compileGoRegex(pattern);
  return compileGoRegex(`^(?:${pattern})$`).matches;
}
