/** Where text goes: the process's own streams, or a recorder in tests. */
export interface TextSink {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
  /** Width and height of the terminal, in cells; absent when it is none. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGWINCH';

/** What a command may touch of the world around it. */
export interface Io {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Calls `listener` at every such signal until the returned function is called. Commands that do not ask for
   * SIGINT die by it, as Serf's do (spec/06 §6).
   */
  onSignal(signal: Signal, listener: () => void): () => void;
  /** From now on, text that cannot be written is lost, and nothing else: a service outlives a full disk. */
  outliveOutput(): void;
  /**
   * Calls `listener` with every key pressed, unechoed, until the returned function is called; Ctrl-C is then the
   * key `\x03` and no signal. Absent when the input is no terminal.
   */
  readonly onKey?: ((listener: (key: string) => void) => () => void) | undefined;
  /** Standard input, from where it stands to its end. */
  readonly input: AsyncIterable<Uint8Array>;
  /**
   * The last argument of the command line as it was typed: what stands in `args` has U+FFFD for bytes that are no
   * UTF-8. `undefined` where the system does not tell.
   */
  lastArgument(): Uint8Array | undefined;
}

/** One message, one line end: how every command speaks (spec/06 §1.1). */
export function printLine(sink: TextSink, text: string): void {
  sink.write(`${text}\n`);
}
