/** First byte of the payload: the version of the ping payload (spec/04 §6). */
const payloadVersion = 1;

/** The start values of a coordinate (spec/04 §1): no place yet, and the largest uncertainty. */
const origin = { Adjustment: 0, Error: 1.5, Height: 1e-5, Vec: [0, 0, 0, 0, 0, 0, 0, 0] } as const;

/**
 * What every ack of this node carries: the origin coordinate, 130 bytes. A member that keeps coordinates takes it for
 * a newcomer that has not measured anything.
 *
 * Derivation: the version byte, then a MessagePack map of four entries in ascending order of their keys. Keys are
 * fixstr, numbers always 8-byte floats, `Vec` is a fixarray:
 * 1 + 1 + (11 + 9) + (6 + 9) + (7 + 9) + (4 + 1 + 8 × 9) = 130.
 */
export const originAckPayload: Uint8Array = Uint8Array.of(
  payloadVersion,
  0x84,
  ...fixstr('Adjustment'),
  ...float64(origin.Adjustment),
  ...fixstr('Error'),
  ...float64(origin.Error),
  ...fixstr('Height'),
  ...float64(origin.Height),
  ...fixstr('Vec'),
  0x90 | origin.Vec.length,
  ...origin.Vec.flatMap(float64),
);

function fixstr(text: string): number[] {
  return [0xa0 | text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
}

function float64(value: number): number[] {
  const bytes = new Uint8Array(9);
  bytes[0] = 0xcb;
  new DataView(bytes.buffer).setFloat64(1, value);
  return [...bytes];
}
