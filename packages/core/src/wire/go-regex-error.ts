/** A pattern that Go would refuse, in Go's words: `error parsing regexp: missing closing ]: …`. */
export class GoRegexError extends Error {
  override readonly name = 'GoRegexError';
}
