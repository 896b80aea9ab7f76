import { DecodeError } from './decode-error.js';

/*
 * LZW as in GIF and Go's compress/lzw: variable width, lowest bits first, 8-bit literals (spec/01 §6).
 */

const clearCode = 256;
const endCode = 257;
const firstWidth = 9;
const maxWidth = 12;
/** The encoder starts anew when this code would be given: 4095 is never used. */
const lastCode = 4095;

/*
 * The encoder's table is a hash from (code, byte) to code. An entry carries the number of the run it was made in, so
 * that nothing has to be wiped for each packet: entries of other runs count as free.
 */
const tableBits = 14;
const tableMask = (1 << tableBits) - 1;
const entries = new Uint32Array(1 << tableBits);
const codes = new Uint16Array(1 << tableBits);
const lastRun = 4095;
let run = 0;
/** Room for the usual packet. */
const scratch = new Uint8Array(8 * 1024);

/** Compresses to the very bytes that Go gives. The result may be a view that the next call overwrites. */
export function compressLzw(plain: Uint8Array): Uint8Array {
  const bound = largestResult(plain.length);
  const out = bound <= scratch.length ? scratch : new Uint8Array(bound);
  return out.subarray(0, compressInto(out, plain));
}

/** Twelve bits for each byte, a clear code now and then, and what starts and ends it. */
function largestResult(plainBytes: number): number {
  return Math.ceil(plainBytes * 1.5) + Math.ceil(plainBytes / 3000) * 2 + 16;
}

function compressInto(out: Uint8Array, plain: Uint8Array): number {
  let at = 0;
  let held = clearCode; // bits not written yet, lowest first
  let heldBits = firstWidth;
  let width = firstWidth;
  let high = endCode;
  let overflow = 1 << firstWidth;
  nextRun();

  if (plain.length > 0) {
    let code = plain[0] as number;
    for (let index = 1; index <= plain.length; index += 1) {
      const ended = index === plain.length;
      const byte = ended ? 0 : (plain[index] as number);
      let slot = 0;
      let wanted = 0;
      if (!ended) {
        const key = (code << 8) | byte;
        wanted = ((run << 20) | key) >>> 0;
        slot = Math.imul(key, 0x9e37_79b1) >>> (32 - tableBits);
        let entry = entries[slot] as number;
        while (entry !== wanted && entry >>> 20 === run) {
          slot = (slot + 1) & tableMask;
          entry = entries[slot] as number;
        }
        if (entry === wanted) {
          code = codes[slot] as number;
          continue;
        }
      }
      held |= code << heldBits;
      for (heldBits += width; heldBits >= 8; heldBits -= 8) {
        out[at] = held & 0xff;
        at += 1;
        held >>>= 8;
      }
      code = byte;
      high += 1;
      if (high === overflow) {
        width += 1;
        overflow <<= 1;
      }
      if (high === lastCode) {
        held |= clearCode << heldBits;
        for (heldBits += width; heldBits >= 8; heldBits -= 8) {
          out[at] = held & 0xff;
          at += 1;
          held >>>= 8;
        }
        width = firstWidth;
        high = endCode;
        overflow = 1 << firstWidth;
        nextRun();
      } else if (!ended) {
        entries[slot] = wanted;
        codes[slot] = high;
      }
    }
  }

  held |= endCode << heldBits;
  for (heldBits += width; heldBits > 0; heldBits -= 8) {
    out[at] = held & 0xff;
    at += 1;
    held >>>= 8;
  }
  return at;
}

function nextRun(): void {
  if (run === lastRun) {
    entries.fill(0);
    run = 0;
  }
  run += 1;
}

/*
 * What a code stands for is always a stretch of what was given out already: the expansion of the code before it and
 * one byte more. So the decoder's table holds places, and expanding is copying.
 */
const starts = new Uint32Array(1 << maxWidth);
const lengths = new Uint32Array(1 << maxWidth);

/**
 * Expands what any LZW encoder of this kind wrote, up to the end code; bytes after it are ignored. Raises DecodeError:
 * BAD_COMPRESSION when the codes make no sense or end too early, TOO_LARGE beyond `maxBytes`. Memory grows with what
 * really comes out.
 */
export function decompressLzw(packed: Uint8Array, maxBytes: number): Uint8Array {
  let out = new Uint8Array(Math.min(maxBytes, Math.max(256, packed.length * 3)));
  let written = 0;
  let next = 0; // in `packed`
  let held = 0;
  let heldBits = 0;
  let width = firstWidth;
  let high = endCode;
  let overflow = 1 << firstWidth;
  let hasLast = false;
  let lastStart = 0;
  let lastLength = 0;

  for (;;) {
    for (; heldBits < width; heldBits += 8) {
      if (next >= packed.length) {
        throw new DecodeError('BAD_COMPRESSION', 'compressed bytes end before the end code');
      }
      held |= (packed[next] as number) << heldBits;
      next += 1;
    }
    const code = held & ((1 << width) - 1);
    held >>>= width;
    heldBits -= width;

    if (code === endCode) return fitted(out, written);
    if (code === clearCode) {
      width = firstWidth;
      high = endCode;
      overflow = 1 << firstWidth;
      hasLast = false;
      continue;
    }
    if (code > high) {
      throw new DecodeError('BAD_COMPRESSION', `code ${code} has no meaning yet`);
    }

    if (hasLast) {
      starts[high] = lastStart;
      lengths[high] = lastLength + 1;
    }
    const length = code < clearCode ? 1 : (lengths[code] as number);
    if (written + length > out.length) out = grown(out, written, length, maxBytes);
    if (code < clearCode) out[written] = code;
    else copyWithin(out, starts[code] as number, written, length);

    hasLast = true;
    lastStart = written;
    lastLength = length;
    written += length;
    high += 1;
    if (high >= overflow) {
      if (width === maxWidth) {
        hasLast = false;
        high -= 1;
      } else {
        width += 1;
        overflow <<= 1;
      }
    }
  }
}

/** Byte by byte from the front: the last byte to copy may be the first one written. */
function copyWithin(bytes: Uint8Array, from: number, to: number, length: number): void {
  if (length > 64 && from + length <= to) {
    bytes.copyWithin(to, from, from + length);
    return;
  }
  for (let index = 0; index < length; index += 1) bytes[to + index] = bytes[from + index] as number;
}

function grown(
  bytes: Uint8Array,
  used: number,
  extra: number,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  if (used + extra > maxBytes) {
    throw new DecodeError('TOO_LARGE', `decompressed content exceeds ${maxBytes} bytes`);
  }
  const larger = new Uint8Array(Math.min(maxBytes, Math.max(used + extra, bytes.length * 2)));
  larger.set(bytes.subarray(0, used));
  return larger;
}

/** Without holding on to much more memory than the content needs. */
function fitted(bytes: Uint8Array, used: number): Uint8Array {
  return used * 2 < bytes.length ? bytes.slice(0, used) : bytes.subarray(0, used);
}
