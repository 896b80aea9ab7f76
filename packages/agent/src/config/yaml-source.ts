import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import {
  depthLimit,
  type Position,
  type SourceEntry,
  SourceSyntaxError,
  type SourceValue,
} from './source-tree.js';

/** Aliases may repeat what they name; a file that unfolds into more values than this is an attack on the reader. */
const valueLimit = 100_000;

/**
 * Reads one YAML 1.2 document. Serf has no YAML, so nothing here is inherited: `yes` and `no` are texts, a key that
 * stands twice is an error, and `%YAML 1.1`, where `on` is true and `010` is eight, is refused.
 */
export function readYaml(text: string): SourceValue {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    prettyErrors: false,
  });

  const [problem] = document.errors;
  if (problem !== undefined) {
    const [from] = problem.pos;
    const message = wording(problem, text.slice(from));
    throw new SourceSyntaxError(message, place(lines, from), { cause: problem });
  }
  const declared = document.directives?.yaml;
  if (declared?.explicit === true && declared.version !== '1.2') {
    throw new SourceSyntaxError(
      `%YAML ${declared.version} is not read: remove the line or write %YAML 1.2, in which yes, no and 010 are no longer converted`,
      lineOf(text, /^%YAML/),
    );
  }

  let values = 0;
  const convert = (node: unknown, depth: number, fallback: Position): SourceValue => {
    const at = positionOf(lines, node) ?? fallback;
    if (depth > depthLimit) throw new SourceSyntaxError('nested too deeply', at);
    if (++values > valueLimit) throw new SourceSyntaxError(`more than ${valueLimit} values`, at);
    if (isAlias(node)) return convert(node.resolve(document), depth + 1, at);
    if (isSeq(node))
      return { type: 'list', items: node.items.map((item) => convert(item, depth + 1, at)), at };
    if (isMap(node)) {
      const entries = node.items.map((pair): SourceEntry => {
        const keyAt = positionOf(lines, pair.key) ?? at;
        return {
          key: keyText(pair.key, keyAt),
          at: keyAt,
          value: convert(pair.value, depth + 1, keyAt),
        };
      });
      return { type: 'map', entries, at };
    }
    return isScalar(node) ? scalar(node.value, node.source, at) : { type: 'null', source: '', at };
  };
  return convert(document.contents, 0, { line: 1, column: 1 });
}

/** Some of the library's texts are for programmers. */
function wording({ code, message }: YAMLError, rest: string): string {
  if (code === 'DUPLICATE_KEY') return `'${/^[^\s:]*/.exec(rest)?.[0]}' stands twice`;
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here: a file holds one';
  return message;
}

/** The library keeps no place of a directive. */
function lineOf(text: string, pattern: RegExp): Position {
  return { line: text.split('\n').findIndex((line) => pattern.test(line)) + 1, column: 1 };
}

function scalar(value: unknown, source: string | undefined, at: Position): SourceValue {
  switch (typeof value) {
    case 'string':
      return { type: 'text', value, at };
    case 'number':
      return { type: 'number', value, source: source ?? String(value), at };
    case 'boolean':
      return { type: 'boolean', value, source: source ?? String(value), at };
    default:
      if (value === null) return { type: 'null', source: source ?? '', at };
      throw new SourceSyntaxError(`a value of an unknown kind: ${String(value)}`, at);
  }
}

/** The key as it is written: `1.10:` is the key "1.10". */
function keyText(key: unknown, at: Position): string {
  if (!isScalar(key)) throw new SourceSyntaxError('a key must be a plain text', at);
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function positionOf(lines: LineCounter, node: unknown): Position | undefined {
  const offset = (node as Node | null | undefined)?.range?.[0];
  return offset === undefined ? undefined : place(lines, offset);
}

function place(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
