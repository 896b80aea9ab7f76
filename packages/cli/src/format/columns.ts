/** White space as Go's text functions see it: U+0085 belongs to it and U+FEFF does not, unlike in `trim()`. */
const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const OUTER_SPACE = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g');

export function trimSpace(text: string): string {
  return text.replace(OUTER_SPACE, '');
}

/** Width as Serf counts it: code points, not display cells (spec/06 §5.1). */
function width(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Aligns lines whose fields are joined by `|` (spec/06 §5.1): every field but its line's last one is padded to its
 * column and followed by two blanks. A `|` inside a value splits it; scripts know that. No newline at the end.
 */
export function formatColumns(lines: readonly string[]): string {
  const rows = lines.map((line) => line.split('|').map(trimSpace));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, field] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, width(field));
    }
  }
  return rows.map((row) => formatRow(row, widths)).join('\n');
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  let text = '';
  for (const [column, field] of row.entries()) {
    text += field;
    if (column === row.length - 1) break;
    text += ' '.repeat((widths[column] ?? 0) - width(field) + 2);
  }
  return text;
}
