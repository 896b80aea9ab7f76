import { DecodeError, type MsgpackReader, type MsgpackWriter } from '@tserf/core/msgpack';

/**
 * One kind of value in both directions. Encoders give Go's bytes (spec/05 §3.1), decoders take all that Go takes
 * (spec/05 §3.2): nil is the zero value everywhere.
 */
export interface Codec<T> {
  /** What nil or a missing field stands for. */
  readonly zero: T;
  write(writer: MsgpackWriter, value: T): void;
  /** Raises DecodeError, with code TRUNCATED when more bytes could still complete the value. */
  read(reader: MsgpackReader): T;
}

/** What a codec reads and writes. */
export type ValueOf<C> = C extends Codec<infer T> ? T : undefined;

/**
 * A field of a struct: its name on the wire, and what stands there. An `extra` is tserf's own: it is left out at its
 * zero value, so that Serf's bytes stay Serf's, and Serf's programs skip it where it is not.
 */
export type Field<T> = readonly [key: string, codec: Codec<T>, extra?: 'extra'];

export type StructOf<Fields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends Field<infer T> ? T : never;
};

export interface StructCodec<T> extends Codec<T> {
  /** Fields that are not there keep their value in `base`. */
  read(reader: MsgpackReader, base?: T): T;
}

/**
 * A Go struct. List the fields in Go's order of declaration, which the positional form has; they are written as a
 * map with all of them, sorted by name.
 */
export function struct<const Fields extends Record<string, Field<unknown>>>(
  fields: Fields,
): StructCodec<StructOf<Fields>> {
  type Values = StructOf<Fields>;
  const declared = Object.entries<Field<unknown>>(fields).map(([name, [key, codec, extra]]) => ({
    name,
    key,
    codec,
    isExtra: extra !== undefined,
  }));
  const sorted = declared.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const hasExtras = declared.some(({ isExtra }) => isExtra);
  const byKey = new Map(declared.map((field) => [field.key, field]));
  const zero = Object.fromEntries(declared.map(({ name, codec }) => [name, codec.zero])) as Values;

  return {
    zero,
    write(writer, value) {
      const values: Readonly<Record<string, unknown>> = value;
      const written = hasExtras
        ? sorted.filter(({ name, codec, isExtra }) => !isExtra || values[name] !== codec.zero)
        : sorted;
      writer.mapHeader(written.length);
      for (const { name, key, codec } of written) codec.write(writer.key(key), values[name]);
    },
    read(reader, base = zero) {
      if (reader.tryNil()) return zero;
      const isArray = reader.kind() === 'array';
      const values: Record<string, unknown> = { ...base };
      const count = isArray ? reader.arrayHeader() : reader.mapHeader();
      for (let index = 0; index < count; index++) {
        const field = isArray ? declared[index] : byKey.get(reader.key());
        if (field === undefined) reader.skip();
        else values[field.name] = field.codec.read(reader);
      }
      return values as Values;
    },
  };
}

/** Text. Bytes that are not UTF-8 come out as U+FFFD: Go passes them on, and a name is for reading. */
export const text: Codec<string> = {
  zero: '',
  write: (writer, value) => void writer.text(value),
  read: (reader) => reader.lossyText(),
};

/** Opaque bytes; `undefined` is "none given", which is not the same as empty. */
export const bytes: Codec<Uint8Array | undefined> = {
  zero: undefined,
  write: (writer, value) => void writer.bytes(value),
  // A copy, so that a payload of ten bytes does not hold a whole chunk of the socket's.
  read: (reader) => reader.bytesCopy(),
};

export const bool: Codec<boolean> = {
  zero: false,
  write: (writer, value) => void writer.bool(value),
  read: (reader) => reader.bool(),
};

/** An unsigned integer up to `max`, which is safe. */
export function unsigned(max: number): Codec<number> {
  return {
    zero: 0,
    write: (writer, value) => void writer.uint(value),
    read: (reader) => reader.uint(max),
  };
}

/** An unsigned 64-bit integer: a bigint exactly when a number could not hold it, so that equal values are `===`. */
export type Unsigned64 = number | bigint;

export const unsigned64: Codec<Unsigned64> = {
  zero: 0,
  write: (writer, value) => void writer.uint(value),
  read(reader) {
    const value = reader.integer();
    if (value < 0) throw new DecodeError('OUT_OF_RANGE', `${value} is negative`);
    return value;
  },
};

/** A signed integer of 32 bits. */
export const int32: Codec<number> = {
  zero: 0,
  write: (writer, value) => void writer.int(value),
  read(reader) {
    const value = reader.int();
    if (value !== (value | 0)) {
      throw new DecodeError('OUT_OF_RANGE', `${value} does not fit 32 bits`);
    }
    return value;
  },
};

/** A number that may have a fraction: eight bytes, whatever its value. */
export const float64: Codec<number> = {
  zero: 0,
  write: (writer, value) => void writer.float64(value),
  read: (reader) => (reader.tryNil() ? 0 : reader.float()),
};

const nanosecondsInMs = 1e6;
const longestDuration = 2n ** 63n - 1n;

/** A span of time: milliseconds here, Go's nanoseconds in 64 bits with a sign on the wire. */
export const duration: Codec<number> = {
  zero: 0,
  write(writer, ms) {
    const nanoseconds = Math.round(ms * nanosecondsInMs);
    writer.int(Number.isSafeInteger(nanoseconds) ? nanoseconds : clampDuration(nanoseconds));
  },
  read(reader) {
    const nanoseconds = reader.integer();
    if (nanoseconds > longestDuration) {
      throw new DecodeError('OUT_OF_RANGE', `${nanoseconds} does not fit 64 bits with a sign`);
    }
    return Number(nanoseconds) / nanosecondsInMs;
  },
};

function clampDuration(nanoseconds: number): bigint {
  if (nanoseconds >= 2 ** 63) return longestDuration;
  return nanoseconds <= -(2 ** 63) ? -longestDuration : BigInt(nanoseconds);
}

/** What may be absent: `undefined` is nil. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    zero: undefined,
    write(writer, value) {
      if (value === undefined) writer.nil();
      else codec.write(writer, value);
    },
    read: (reader) => (reader.tryNil() ? undefined : codec.read(reader)),
  };
}

/** A list that Go leaves nil until something is put into it. */
export function nilOrListOf<T>(element: Codec<T>): Codec<readonly T[]> {
  const list = listOf(element);
  return {
    ...list,
    write: (writer, values) =>
      void (values.length === 0 ? writer.nil() : list.write(writer, values)),
  };
}

export function listOf<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    zero: [],
    write(writer, values) {
      writer.arrayHeader(values.length);
      for (const value of values) element.write(writer, value);
    },
    read(reader) {
      const values: T[] = [];
      // To Go a map is a list of keys and values in turn.
      const isMap = reader.kind() === 'map';
      let left = isMap ? reader.mapHeader() * 2 : reader.arrayHeader();
      for (; left > 0; left--) values.push(element.read(reader));
      return values;
    },
  };
}

/** A map from text. Go writes these in random order; here they are sorted, so that equal maps are equal bytes. */
export function mapOf<T>(element: Codec<T>): Codec<Readonly<Record<string, T>>> {
  return {
    zero: {},
    write(writer, values) {
      const keys = Object.keys(values).sort();
      writer.mapHeader(keys.length);
      for (const key of keys) element.write(writer.key(key), values[key] as T);
    },
    read(reader) {
      // Go takes a list for a map of as many pairs, so it waits for the half that is not there (spec/05 §13).
      const isList = reader.kind() === 'array';
      const entries: [string, T][] = [];
      for (let left = isList ? reader.arrayHeader() : reader.mapHeader(); left > 0; left--) {
        entries.push([reader.lossyText(), element.read(reader)]);
      }
      // Not by assignment: a tag may be called __proto__.
      return Object.fromEntries(entries);
    },
  };
}

export const textMap = mapOf(text);
