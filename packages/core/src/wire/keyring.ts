/** A request to the keyring that it refuses; its message is Serf's (spec/03 §15.1). */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
}
export class Keyring {
  /** The primary comes first; duplicates are ignored. */
  constructor(keys?: readonly Uint8Array[], primary?: Uint8Array) { void keys; void primary; throw new Error('being written'); }
  /** Encryption is on exactly while there is a key. */
  get enabled(): boolean { throw new Error('being written'); }
  /** Raw keys, primary first. */
  get keys(): readonly Uint8Array[] { throw new Error('being written'); }
  get primary(): Uint8Array | undefined { throw new Error('being written'); }
  add(key: Uint8Array): void { void key; throw new Error('being written'); }
  use(key: Uint8Array): void { void key; throw new Error('being written'); }
  remove(key: Uint8Array): void { void key; throw new Error('being written'); }
}
