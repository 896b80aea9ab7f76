import type { Endpoint } from '../wire/endpoint.js';
import type { SwimState } from './state.js';
import { sendParts, speaksChecksum, userPart } from './transmit.js';

/** The largest datagram of IPv4, less the checksum wrapper. */
const maxPacketBytes = 65_507 - 5;

/** One message of the layer above straight to a node, best effort, with nothing beside it (spec/02 §21). */
export function sendUser(state: SwimState, to: Endpoint, node: string, body: Uint8Array) {
  const part = userPart(body);
  if (part.length + state.packetOverheadBytes > maxPacketBytes) {
    return state.refuse('tooLong', node);
  }
  const protocolMax = state.members.get(node)?.member.versions.protocolMax;
  const checksum = protocolMax === undefined ? speaksChecksum(state, to) : protocolMax >= 5;
  sendParts(state, to, [part], checksum);
}
