/** The first byte of a message of Serf's layer (spec/03 §4). */
export const serfMessageType = {
  leave: 0,
  join: 1,
  state: 2,
  userEvent: 3,
  query: 4,
  queryResponse: 5,
  conflictResponse: 6,
  keyRequest: 7,
  keyResponse: 8,
  relay: 9,
} as const;

/** Lamport times are unsigned 64-bit on the wire; beyond this one they are an attack (spec/03 §24, 1). */
export const maxLamportTime = Number.MAX_SAFE_INTEGER;
