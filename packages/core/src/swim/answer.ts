import { formatEndpoint } from '../wire/endpoint.js';
import { encodeMessage } from '../wire/message-codec.js';
import type { Ping } from '../wire/messages.js';
import { replyEndpoint } from './reply-endpoint.js';
import type { SwimState } from './state.js';
import { hearSuspect } from './suspect-rule.js';
import { sendWithGossip } from './transmit.js';

/** Answers a ping (spec/02 §11.5). The busiest path of the engine. */
export function answerPing(state: SwimState, ping: Ping) {
  if (ping.node !== '' && ping.node !== state.options.name) return hearWrongPing(state, ping);
  const to = replyEndpoint(state, ping);
  if (to === undefined) return;
  const payload = state.hooks.ackPayload();
  sendWithGossip(state, to, encodeMessage({ type: 'ack', sequence: ping.sequence, payload }));
}

/**
 * A ping for somebody else arrived here. Where that member is held to live at this node's own address and port, it is
 * gone: nobody but this node listens there. A packet can be forged, and an advertised address can be wrong, so this is
 * a suspicion and no more: a member that lives refutes it.
 */
function hearWrongPing(state: SwimState, { node, sourceNode }: Ping): void {
  state.refusalCounts.count('wrongPing');
  if (state.origin !== undefined && state.mayReport('wrongPing')) {
    const from = sourceNode === '' ? formatEndpoint(state.origin) : sourceNode;
    state.emit({ type: 'report', code: 'wrongPing', wanted: node, from });
  }
  const member = state.members.get(node)?.member;
  const own = state.self.member.endpoint;
  if (member?.state !== 'alive' || state.hasLeft) return;
  if (member.endpoint.host !== own.host || member.endpoint.port !== own.port) return;
  const { incarnation } = member;
  const from = state.options.name;
  hearSuspect(state, { type: 'suspect', incarnation, node, from }, 'its pings arrive here');
}
