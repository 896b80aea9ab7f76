import { compileGoRegex, type GoRegex } from '../wire/go-regex.js';
import { GoRegexError } from '../wire/go-regex-error.js';

/*
 * What the expressions of one query may cost together. Matching is linear in the text and compiling in the expression,
 * but with factors that whoever sends them chooses: each limit is some ten milliseconds at worst, and far above what
 * anybody asks for.
 */

/** Sizes of the compiled expressions times the letters that they are held against. */
const matchCostLimit = 100_000;
/** Letters of the expressions. */
const lengthLimit = 1_024;
/** Repetitions are written out when compiled. */
const repetitionLimit = 1_000;
/** Character classes for which upper and lower case are the same: each is worked out over all of Unicode. */
const foldedClassLimit = 8;
/** Classes by name (`\pL`): each has hundreds of ranges. */
const namedClassLimit = 64;

/** Holds tag values against the expressions of one query, as long as these cost no more than a query may. */
export class TagExpressions {
  #length = 0;
  #repetitions = 0;
  #foldedClasses = 0;
  #namedClasses = 0;
  #matchCost = 0;

  /** The compiled expression, or why it cannot be used. */
  compile(expression: string): GoRegex | string {
    this.#length += expression.length;
    if (this.#length > lengthLimit) return 'it is too long';
    for (const [, count] of expression.matchAll(/(\d+)\}/g)) this.#repetitions += Number(count);
    if (/\(\?[a-zA-Z]*i/.test(expression)) {
      this.#foldedClasses += expression.match(/\[|\\[pP]/g)?.length ?? 0;
    }
    this.#namedClasses += expression.match(/\\[pP]/g)?.length ?? 0;
    if (
      this.#repetitions > repetitionLimit ||
      this.#foldedClasses > foldedClassLimit ||
      this.#namedClasses > namedClassLimit
    ) {
      return 'it would take too long to compile';
    }
    try {
      return compileGoRegex(expression);
    } catch (error) {
      if (!(error instanceof GoRegexError)) throw error;
      return error.message;
    }
  }

  /** Whether a value matches, or why that cannot be said. */
  matches(expression: string, value: string): boolean | string {
    const regex = this.compile(expression);
    if (typeof regex === 'string') return regex;
    this.#matchCost += regex.size * (value.length + 1);
    return this.#matchCost > matchCostLimit
      ? 'it would take too long to match'
      : regex.matches(value);
  }
}
