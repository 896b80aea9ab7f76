import { RE2JS, RE2JSException } from 're2js';
import { GoRegexError } from './go-regex-error.js';

/** A pattern of Go's dialect (RE2). Matching takes time linear in the text, whatever the pattern. */
export interface GoRegex {
  /** Whether a match is found anywhere in the text. */
  matches(text: string): boolean;
  /** Steps that the machine of this pattern may take for each character: the other factor of the time. */
  readonly size: number;
}

/** Raises GoRegexError. */
export function compileGoRegex(pattern: string): GoRegex {
  try {
    const regex = RE2JS.compile(pattern);
    return { matches: (text) => regex.test(text), size: regex.programSize() };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new GoRegexError(error.message, { cause: error });
  }
}
