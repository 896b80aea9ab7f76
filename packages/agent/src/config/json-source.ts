import {
  depthLimit,
  type Position,
  type SourceEntry,
  SourceSyntaxError,
  type SourceValue,
} from './source-tree.js';

/**
 * Reads the first JSON value of `text` as Serf does (spec/07 §2.2): what follows it is not looked at, of two equal keys
 * the last one wins, and an error has the words that Serf's users know, with line and column.
 */
export function readJson(text: string): SourceValue {
  return new JsonReader(text).read();
}

class JsonReader {
  readonly #text: string;
  #offset = 0;
  /** Only white space holds line ends (a string may not), so these move there alone. */
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): SourceValue {
    this.#skipSpace();
    if (this.#offset >= this.#text.length)
      throw new SourceSyntaxError('EOF: the file is empty', this.#at());
    return this.#value(0);
  }

  #value(depth: number): SourceValue {
    if (depth > depthLimit) throw new SourceSyntaxError('exceeded max depth', this.#at());
    const at = this.#at();
    switch (this.#peek()) {
      case '{':
        return this.#map(at, depth);
      case '[':
        return this.#list(at, depth);
      case '"':
        return { type: 'text', value: this.#string(), at };
      case 't':
        this.#word('true');
        return { type: 'boolean', value: true, source: 'true', at };
      case 'f':
        this.#word('false');
        return { type: 'boolean', value: false, source: 'false', at };
      case 'n':
        this.#word('null');
        return { type: 'null', source: '', at };
      default:
        return this.#number(at);
    }
  }

  #map(at: Position, depth: number): SourceValue {
    const entries = new Map<string, SourceEntry>();
    this.#offset++;
    this.#skipSpace();
    if (this.#peek() === '}') {
      this.#offset++;
      return { type: 'map', entries: [], at };
    }
    for (;;) {
      this.#skipSpace();
      const keyAt = this.#at();
      if (this.#peek() !== '"') this.#fail('looking for beginning of object key string');
      const key = this.#string();
      this.#skipSpace();
      if (this.#peek() !== ':') this.#fail('after object key');
      this.#offset++;
      this.#skipSpace();
      entries.set(key, { key, at: keyAt, value: this.#value(depth + 1) });
      this.#skipSpace();
      const next = this.#peek();
      if (next !== ',' && next !== '}') this.#fail('after object key:value pair');
      this.#offset++;
      if (next === '}') return { type: 'map', entries: [...entries.values()], at };
    }
  }

  #list(at: Position, depth: number): SourceValue {
    const items: SourceValue[] = [];
    this.#offset++;
    this.#skipSpace();
    if (this.#peek() === ']') {
      this.#offset++;
      return { type: 'list', items, at };
    }
    for (;;) {
      this.#skipSpace();
      items.push(this.#value(depth + 1));
      this.#skipSpace();
      const next = this.#peek();
      if (next !== ',' && next !== ']') this.#fail('after array element');
      this.#offset++;
      if (next === ']') return { type: 'list', items, at };
    }
  }

  #string(): string {
    const from = this.#offset++;
    for (;;) {
      const next = this.#peek();
      if (next === '"') break;
      if (next < ' ') this.#fail('in string literal');
      if (next === '\\') this.#escape();
      else this.#offset++;
    }
    this.#offset++;
    // Checked above, so the platform's own reader does the unescaping.
    return JSON.parse(this.#text.slice(from, this.#offset)) as string;
  }

  #escape(): void {
    this.#offset++;
    const letter = this.#peek();
    if (!'"\\/bfnrtu'.includes(letter)) this.#fail('in string escape code');
    this.#offset++;
    if (letter !== 'u') return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#peek())) this.#fail('in \\u hexadecimal character escape');
      this.#offset++;
    }
  }

  #word(word: string): void {
    for (const letter of word) {
      if (this.#peek() !== letter) this.#fail(`in literal ${word} (expecting '${letter}')`);
      this.#offset++;
    }
  }

  #number(at: Position): SourceValue {
    const from = this.#offset;
    const first = this.#peek();
    if (first !== '-' && !isDigit(first)) this.#fail('looking for beginning of value');
    if (first === '-') this.#offset++;
    // A leading zero stands alone; a digit behind it is the next token's error.
    if (!this.#optional('0')) this.#digits('in numeric literal');
    if (this.#optional('.')) this.#digits('after decimal point in numeric literal');
    if (this.#optional('e') || this.#optional('E')) {
      if (!this.#optional('+')) this.#optional('-');
      this.#digits('in exponent of numeric literal');
    }
    const source = this.#text.slice(from, this.#offset);
    return { type: 'number', value: Number(source), source, at };
  }

  #digits(where: string): void {
    if (!isDigit(this.#peek())) this.#fail(where);
    while (isDigit(this.#text.charAt(this.#offset))) this.#offset++;
  }

  #optional(letter: string): boolean {
    const found = this.#text.charAt(this.#offset) === letter;
    if (found) this.#offset++;
    return found;
  }

  #peek(): string {
    if (this.#offset >= this.#text.length)
      throw new SourceSyntaxError('unexpected EOF', this.#at());
    return this.#text.charAt(this.#offset);
  }

  #skipSpace(): void {
    for (;;) {
      const next = this.#text.charAt(this.#offset);
      if (next !== ' ' && next !== '\t' && next !== '\r' && next !== '\n') return;
      this.#offset++;
      if (next !== '\n') continue;
      this.#line++;
      this.#lineStart = this.#offset;
    }
  }

  #fail(where: string): never {
    const letter = String.fromCodePoint(this.#text.codePointAt(this.#offset) ?? 0);
    throw new SourceSyntaxError(`invalid character ${quoted(letter)} ${where}`, this.#at());
  }

  #at(): Position {
    return { line: this.#line, column: this.#offset - this.#lineStart + 1 };
  }
}

function isDigit(letter: string): boolean {
  return letter >= '0' && letter <= '9';
}

/** Serf reads bytes, so it names the first byte of a longer character, such as `ï` for a byte order mark. */
function quoted(letter: string): string {
  if (letter === "'") return "'\\''";
  if (letter === '\n') return "'\\n'";
  if (letter === '\r') return "'\\r'";
  if (letter === '\t') return "'\\t'";
  const [firstByte = 0] = new TextEncoder().encode(letter);
  return `'${String.fromCharCode(firstByte)}'`;
}
