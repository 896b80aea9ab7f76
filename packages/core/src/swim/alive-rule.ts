import { type Endpoint, endpointOf, formatEndpoint, sameAddress } from '../wire/endpoint.js';
import { encodeMessage } from '../wire/message-codec.js';
import type { Alive } from '../wire/messages.js';
import type { NodeVersions } from '../wire/versions.js';
import { sameBytes } from './bytes.js';
import type { Token } from './input.js';
import type { Member } from './member.js';
import type { Entry } from './member-list.js';
import type { Conflicting } from './output.js';
import { aliveMessage, refute } from './refute.js';
import type { SwimState } from './state.js';
import { sendParts } from './transmit.js';
import { aliveProblem, maxMetaBytes } from './verdicts.js';

/** Somebody says of a member, perhaps of us, that it is alive (spec/02 §4). */
export function hearAlive(state: SwimState, alive: Alive) {
  const entry = state.members.get(alive.node);
  const problem = aliveProblem(alive, entry !== undefined);
  if (problem !== undefined) return state.refuse(problem, alive.node);
  if (state.hasLeft && entry === state.self) return;

  const veto = state.hooks.aliveVerdict?.(whatItSays(alive));
  if (veto !== undefined) return state.refuse('veto', `${alive.node}: ${veto}`);

  if (entry === undefined) return welcome(state, alive);
  if (!hasSameAddress(alive, entry.member)) return hearOtherAddress(state, entry, alive);
  if (entry === state.self) return hearAboutSelf(state, alive);
  if (alive.incarnation <= entry.member.incarnation) return answerStale(state, entry.member, alive);
  accept(state, entry, alive, entry.member.endpoint);
}

/**
 * Registers this node, or announces its changed metadata, under a fresh incarnation. `token` comes back when the
 * announcement is used up.
 */
export function announceSelf(state: SwimState, token?: Token) {
  const { name, address, port, versions } = state.options;
  const meta = state.hooks.nodeMeta();
  if (meta.length > maxMetaBytes) {
    throw new RangeError(`This node's metadata has ${meta.length} bytes; ${maxMetaBytes} fit.`);
  }
  const incarnation = state.incarnations.next();
  if (state.isStarted) {
    const { member } = state.self;
    const alive = { ...aliveMessage(member), incarnation, meta };
    return accept(state, state.self, alive, member.endpoint, token);
  }
  const alive: Alive = { type: 'alive', incarnation, node: name, address, port, meta, versions };
  state.self = state.members.add(memberFrom(alive, endpointFor(alive), state.nowMs));
  state.measures.alive.add(1, state.nowMs);
  state.broadcast(alive, token);
  state.emit({ type: 'joined', member: state.self.member });
}

/**
 * Peers compare address bytes, so a node that comes back must speak of itself in the form that they hold, or it stays
 * a conflict to them (spec/01 §3).
 */
export function adoptAddressForm(state: SwimState, address: Uint8Array, port: number): boolean {
  const { self } = state;
  const { member } = self;
  if (port !== member.port || sameBytes(address, member.address)) return false;
  if (!sameAddress(address, member.address)) return false;
  state.members.update(self, { ...member, address });
  return true;
}

function welcome(state: SwimState, alive: Alive) {
  if (!state.networks.allows(alive.address)) return state.refuse('network', alive.node);
  if (state.members.length >= state.options.memberLimit) {
    return state.refuse('memberLimit', alive.node);
  }
  const entry = state.members.add(memberFrom(alive, endpointFor(alive), state.nowMs));
  state.measures.alive.add(1, state.nowMs);
  state.broadcast(alive);
  reportSharedAddress(state, entry);
  state.emit({ type: 'joined', member: entry.member });
}

/** One name, two addresses: a member that came back elsewhere, or two nodes with one name (spec/02 §4 step 5). */
function hearOtherAddress(state: SwimState, entry: Entry, alive: Alive) {
  const { member } = entry;
  if (!state.networks.allows(alive.address)) return state.refuse('network', alive.node);
  if (entry === state.self || !mayReclaim(state, member)) return conflict(state, member, alive);
  // A delayed message of an older address must not bring back a member that left (M3).
  if (alive.incarnation <= member.incarnation) return answerStale(state, member, alive);
  accept(state, entry, alive, endpointFor(alive));
}

function mayReclaim(state: SwimState, { state: life, stateChangeMs }: Member): boolean {
  if (life === 'left') return true;
  const { deadNodeReclaimMs } = state.options;
  return (
    life === 'dead' && deadNodeReclaimMs > 0 && state.nowMs - stateChangeMs > deadNodeReclaimMs
  );
}

function conflict(state: SwimState, existing: Member, alive: Alive): void {
  state.emit({ type: 'conflict', existing, other: whatItSays(alive) });
  if (!state.mayReport(`conflict ${alive.node}`)) return;
  state.emit({
    type: 'report',
    code: 'conflict',
    node: alive.node,
    existing: formatEndpoint(existing.endpoint),
    other: formatEndpoint(endpointFor(alive)),
    state: existing.state,
  });
}

function hearAboutSelf(state: SwimState, alive: Alive): void {
  const { member } = state.self;
  if (alive.incarnation < member.incarnation) return;
  const hasOtherForm = adoptAddressForm(state, alive.address, alive.port);
  const isOwnWord =
    alive.incarnation === member.incarnation &&
    sameBytes(alive.meta, member.meta) &&
    sameVersions(alive.versions, member.versions);
  if (isOwnWord && !hasOtherForm) return;
  const from = state.origin === undefined ? '' : formatEndpoint(state.origin);
  refute(state, alive.incarnation, 'alive', from);
}

function accept(
  state: SwimState,
  entry: Entry,
  alive: Alive,
  endpoint: Endpoint,
  token?: Token,
): void {
  const before = entry.member;
  const isBack = before.state === 'dead' || before.state === 'left';
  state.suspicions.delete(alive.node);
  const changedMs = before.state === 'alive' ? before.stateChangeMs : state.nowMs;
  state.members.update(entry, memberFrom(alive, endpoint, changedMs));
  state.measures.alive.add(1, state.nowMs);
  state.broadcast(alive, token);

  const { member } = entry;
  if (isBack) {
    reportSharedAddress(state, entry);
    state.emit({ type: 'joined', member });
  } else if (!sameBytes(before.meta, member.meta)) {
    state.emit({ type: 'updated', member });
  }
}

function reportSharedAddress(state: SwimState, entry: Entry): void {
  const report = state.sharedAddresses.check(state.members, entry, state.nowMs);
  if (report !== undefined) state.emit(report);
}

/**
 * A member that we hold as gone says that it lives, and doesn't know how high it must rise. Told so directly, it can
 * refute; left alone, it may stay gone until a push/pull (spec/02 §7, weakness 3).
 */
function answerStale(state: SwimState, member: Member, alive: Alive): void {
  const isGone = member.state === 'dead' || member.state === 'left';
  if (!isGone || !state.staleAnswerRates.allows(member.name, state.nowMs)) return;
  const { name, incarnation } = member;
  const from = member.state === 'left' ? name : state.options.name;
  const dead = encodeMessage({ type: 'dead', incarnation, node: name, from });
  sendParts(state, endpointFor(alive), [dead], alive.versions.protocolMax >= 5);
}

function memberFrom(alive: Alive, endpoint: Endpoint, stateChangeMs: number): Member {
  const { node: name, address, port, meta, incarnation, versions } = alive;
  return {
    name,
    address,
    port,
    endpoint,
    meta,
    incarnation,
    state: 'alive',
    stateChangeMs,
    versions,
  };
}

/** The address was checked to be 4 or 16 bytes. */
function endpointFor({ address, port, node }: Alive): Endpoint {
  const endpoint = endpointOf(address, port);
  if (endpoint === undefined) throw new Error(`"${node}" has no address that packets can go to.`);
  return endpoint;
}

function hasSameAddress(alive: Alive, member: Member): boolean {
  return alive.port === member.port && sameAddress(alive.address, member.address);
}

function whatItSays({ node: name, address, port, meta }: Alive): Conflicting {
  return { name, address, port, meta };
}

function sameVersions(a: NodeVersions, b: NodeVersions): boolean {
  return (
    a.protocolMin === b.protocolMin &&
    a.protocolMax === b.protocolMax &&
    a.protocolCurrent === b.protocolCurrent &&
    a.delegateMin === b.delegateMin &&
    a.delegateMax === b.delegateMax &&
    a.delegateCurrent === b.delegateCurrent
  );
}
