/** Longest name that is taken from others: agents with more than Serf's own 128 bytes exist (spec/01 §12). */
export const longestNameBytes = 512;

/**
 * Why `name` cannot be a member's, in a few words; undefined when it can (spec/02 M25). Names with TAB or LF exist. Any
 * other control character is what garbage looks like.
 */
export function memberNameProblem(name: string): string | undefined {
  if (name === '') return 'empty';
  let bytes = 0;
  for (let index = 0; index < name.length; index += 1) {
    const unit = name.charCodeAt(index);
    if (isControl(unit)) return 'control character';
    if (unit >= 0xd800 && unit < 0xe000) {
      const point = name.codePointAt(index) as number;
      if (point < 0x1_0000) return 'not valid Unicode';
      index += 1;
      bytes += 4;
    } else bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return bytes > longestNameBytes ? 'too long' : undefined;
}

function isControl(unit: number): boolean {
  if (unit === 0x09 || unit === 0x0a) return false;
  return unit < 0x20 || (unit >= 0x7f && unit < 0xa0);
}
