/**
 * The same bytes without Node's Buffer around them: a Buffer's `slice` is a view where a Uint8Array's is a copy, and whoever
 * decodes relies on the latter.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
