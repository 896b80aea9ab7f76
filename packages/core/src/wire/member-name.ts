/** Why this cannot be a member's name, or undefined when it can. */
export function memberNameProblem(name: string): string | undefined { void name; throw new Error('being written'); }
