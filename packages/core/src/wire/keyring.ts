/** A change that the keyring refuses. Its text travels to whoever asked for it, so it is Serf's (spec/03 §15.1). */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
}

/**
 * The cluster's keys (spec/01 §8.1). The first is the primary: it alone encrypts, and is tried first. Keys are copied
 * in, and must not be written to when handed out.
 */
export class Keyring {
  readonly #keys: Uint8Array[] = [];

  /** The primary comes first, then the others in their order; repeated ones count once. Raises KeyringError. */
  constructor(keys: readonly Uint8Array[] = [], primary?: Uint8Array) {
    if (primary !== undefined) this.add(primary);
    else if (keys.length > 0) throw new KeyringError('a keyring with keys needs a primary key');
    for (const key of keys) this.add(key);
  }

  /** Encryption is on exactly while there is a key. */
  get enabled(): boolean {
    return this.#keys.length > 0;
  }

  /** Raw keys of 16, 24 or 32 bytes, the primary first. A snapshot. */
  get keys(): readonly Uint8Array[] {
    return [...this.#keys];
  }

  get primary(): Uint8Array | undefined {
    return this.#keys[0];
  }

  /** Adds a key at the end; the first one ever becomes the primary. One that is there already changes nothing. */
  add(key: Uint8Array): void {
    if (![16, 24, 32].includes(key.length)) {
      throw new KeyringError('key size must be 16, 24 or 32 bytes');
    }
    if (this.#indexOf(key) < 0) this.#keys.push(new Uint8Array(key));
  }

  /** Takes these keys in the place of all that were there, the primary first. Raises KeyringError and changes nothing. */
  replace(keys: readonly Uint8Array[]): void {
    const { keys: replaced } = new Keyring(keys, keys[0]);
    this.#keys.splice(0, this.#keys.length, ...replaced);
  }

  has(key: Uint8Array): boolean {
    return this.#indexOf(key) >= 0;
  }

  /** Makes a key the primary. */
  use(key: Uint8Array): void {
    const index = this.#indexOf(key);
    if (index < 0) throw new KeyringError('requested key is not in the keyring');
    this.#keys.unshift(...this.#keys.splice(index, 1));
  }

  /** Takes a key out, unless it is the primary. One that is not there changes nothing. */
  remove(key: Uint8Array): void {
    const index = this.#indexOf(key);
    if (index === 0) throw new KeyringError('removing the primary key is not allowed');
    if (index > 0) this.#keys.splice(index, 1);
  }

  /** What `attempt` makes of the first key that it does not answer with undefined, primary first. */
  firstThatOpens<Result>(attempt: (key: Uint8Array) => Result | undefined): Result | undefined {
    for (const key of this.#keys) {
      const result = attempt(key);
      if (result !== undefined) return result;
    }
    return undefined;
  }

  #indexOf(key: Uint8Array): number {
    return this.#keys.findIndex(
      (known) => known.length === key.length && known.every((byte, at) => byte === key[at]),
    );
  }
}
