/**
 * A fingerprint of everything that happened in a run, in order. Two runs with equal fingerprints had the same history;
 * it costs a few operations a byte and keeps nothing. (Two 32-bit lanes of multiply and mix; no cryptography.)
 */
export class TraceHash {
  #low = 0x811c_9dc5;
  #high = 0x9e37_79b9;
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);

  word(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x85eb_ca6b);
    this.#low ^= this.#low >>> 13;
    this.#high = Math.imul(this.#high ^ value, 0xc2b2_ae35) ^ this.#low;
    this.#high ^= this.#high >>> 16;
  }

  float(value: number): void {
    this.#float[0] = value;
    this.word(this.#words[0] as number);
    this.word(this.#words[1] as number);
  }

  bytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.word(length);
    // Four at a time: packets are most of what is hashed.
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
      const high = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
      this.word(low | (high << 16));
    }
    for (; at < length; at += 1) this.word(bytes[at] as number);
  }

  text(text: string): void {
    this.word(text.length);
    for (let at = 0; at < text.length; at += 1) this.word(text.charCodeAt(at));
  }

  /** 16 hexadecimal digits for all that was fed so far. */
  digest(): string {
    return [this.#high, this.#low]
      .map((lane) => (lane >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }
}
