import type { Finished } from '../../harness/processes.ts';

/** How a case's output is compared, beyond its help and version: what may differ between two runs of one program. */
export type Form =
  /** To the byte. */
  | 'exact'
  /** Lines in any order, such as the members'. */
  | 'lines'
  /** A JSON document, with maps and lists in any order. */
  | 'json'
  /** Counters and times go on: their digits do not matter, and neither does the order of lines. */
  | 'numbers'
  /** The same, where order and blanks do matter. */
  | 'digits'
  /** Ours may say after each line, in parentheses, what to do; details of a decoding error are each program's own. */
  | 'hinted'
  /** What is said of an answer that nobody can read is each program's own; 0.9.4 tells one kind of end from the other. */
  | 'unreadable';

/** What must be the same from both command lines. */
export function normalForm({ code, stdout, stderr }: Finished, form: Form): Finished {
  const normal = (output: string) => byForm(withoutOwnWords(output), form);
  return { code, stdout: normal(stdout), stderr: normal(stderr) };
}

/** Help and the version line are each program's own; what stands before the help is not. Each new key is another. */
function withoutOwnWords(output: string): string {
  return output
    .replace(/(^|\n)(==> )?Usage: (serf|tserf)[\s\S]*$/, '$1$2(help)\n')
    .replace(/^\S+(?=\nAgent Protocol: )/, '(version)')
    .replace(/^[A-Za-z\d+/]{43}=\n$/, '(key)\n');
}

function byForm(output: string, form: Form): string {
  switch (form) {
    case 'exact':
      return output;
    case 'hinted':
      return withoutHints(output);
    case 'unreadable':
      return output
        .replace(/: unexpected EOF$/m, ': EOF')
        .replace(
          /: (codec\.decoder|msgpack decode error|not the RPC protocol)\b.*$/m,
          ': (detail)',
        );
    case 'lines':
      return sortedLines(output);
    case 'json':
      return output.startsWith('{') ? JSON.stringify(sorted(JSON.parse(output))) : output;
    case 'numbers':
      return sortedLines(withoutDigits(output));
    case 'digits':
      return withoutDigits(output);
  }
}

/**
 * What to do stands in parentheses at the end of a line; what stands after the path of a file is the reader's. Some
 * messages begin with a capital in 0.9.4, and not in the newest.
 */
function withoutHints(output: string): string {
  return output
    .replace(/(Error decoding '[^']*': )[\s\S]*/, '$1')
    .replace(/(?<=\S) \(.*\)$/gm, '')
    .toLowerCase();
}

function withoutDigits(output: string): string {
  return output.replace(/(?<![a-z])\d+(\.\d+)*/g, '#');
}

/** The one member with two tags has them in any order; the last line has lost its blanks, whichever it is. */
function sortedLines(output: string): string {
  return output
    .replaceAll('role=web,dc=east', 'dc=east,role=web')
    .split('\n')
    .map((line) => line.trimEnd())
    .sort()
    .join('\n');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [
    key,
    sorted(item),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
