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
  const { compileGoRegex } = await import('@tserf/core/go-regex');
  return compileGoRegex(`^${pattern}$`).matches;
}
