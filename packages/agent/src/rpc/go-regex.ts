/** A pattern that Go would refuse, in Go's words: `error parsing regexp: missing closing ]: …`. */
export class GoRegexError extends Error {
  override readonly name = 'GoRegexError';
}

/** Whether a text matches. */
export type GoRegex = (text: string) => boolean;

/**
 * Compiles a pattern of Go's dialect (RE2), as Serf wraps it: `^` before and `$` behind, without a group, so that
 * `a|b` means "begins with a, or ends with b" (spec/05 §8.5). Matching takes time linear in the text, whatever the
 * pattern. Raises GoRegexError.
 */
export async function compileWrapped(pattern: string): Promise<GoRegex> {
  if (pattern === '') return (text) => text === '';
  // Most agents never see a pattern, so its engine is loaded when the first one comes.
  const { RE2JS, RE2JSException } = await import('re2js');
  try {
    const regex = RE2JS.compile(`^${pattern}$`);
    return (text) => regex.test(text);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new GoRegexError(error.message, { cause: error });
  }
}
