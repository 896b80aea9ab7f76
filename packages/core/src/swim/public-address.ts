/** Networks that the internet doesn't route (RFC 1918, 6598, 3927, 1122), as first bytes, prefix bits. */
const privateV4: readonly (readonly [number, number, number])[] = [
  [10, 0, 8],
  [172, 16, 12],
  [192, 168, 16],
  [100, 64, 10],
  [169, 254, 16],
  [127, 0, 8],
];

/** Whether anybody on the internet may reach an address, 4 or 16 bytes. */
export function isPublicAddress(address: Uint8Array): boolean {
  const first = (address[0] ?? 0) * 256 + (address[1] ?? 0);
  if (address.length === 4) {
    return !privateV4.some(([a, b, bits]) => (first ^ (a * 256 + b)) >> (16 - bits) === 0);
  }
  const isMapped =
    address.subarray(0, 10).every((byte) => byte === 0) &&
    address[10] === 0xff &&
    address[11] === 0xff;
  if (isMapped) return isPublicAddress(address.subarray(12));
  // fc00::/7 and fe80::/10 stay inside; ::1 is the node itself.
  if (first >> 9 === 0xfc00 >> 9 || first >> 6 === 0xfe80 >> 6) return false;
  return !address.subarray(0, 15).every((byte) => byte === 0);
}
