/** Why bytes were refused: fixed words, fit for the name of a counter. */
export type DecodeErrorCode =
  /** Nothing where a message was due. */
  | 'EMPTY'
  /** The bytes end too early. A reader of a stream may wait for more; in a packet it is final. */
  | 'TRUNCATED'
  | 'UNKNOWN_TYPE'
  /** Not msgpack, or a value of the wrong kind. */
  | 'BAD_BODY'
  /** A body given by position: no agent sends one, random bytes often look like one (spec/02 M25). */
  | 'ARRAY_BODY'
  /** A number that does not fit its field. */
  | 'OUT_OF_RANGE'
  /** Text that is not valid UTF-8. */
  | 'BAD_TEXT'
  | 'BAD_NAME'
  | 'BAD_ADDRESS'
  | 'BAD_PORT'
  | 'BAD_VERSIONS'
  | 'BAD_META'
  | 'BAD_FILTER'
  | 'BAD_CHECKSUM'
  | 'BAD_COMPRESSION'
  | 'BAD_COMPOUND'
  | 'BAD_ENCRYPTION'
  /** Sealed with a key that this node does not have, or tampered with: nobody can tell. */
  | 'WRONG_KEY'
  /** Plaintext where encryption is required. */
  | 'NOT_ENCRYPTED'
  /** Encrypted, and this node has no key at all. */
  | 'NO_KEYRING'
  | 'BAD_LABEL'
  | 'WRONG_LABEL'
  | 'TOO_LARGE'
  | 'TOO_DEEP';

/** Bytes that cannot be read. Drop them, count them, go on: the network may send anything. */
export class DecodeError extends Error {
  override readonly name: string = 'DecodeError';
  readonly code: DecodeErrorCode;

  constructor(code: DecodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
