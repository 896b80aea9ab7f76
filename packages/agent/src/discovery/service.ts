import type { Answer, Question } from 'dns-packet';

/** One agent as mDNS knows it (spec/07 §9). */
export interface Service {
  /** `_serf_CLUSTER._tcp.local`; who asks for it looks for members of the cluster. */
  readonly name: string;
  readonly instance: string;
  readonly hostName: string;
  /** Where gossip is advertised. */
  readonly host: string;
  readonly port: number;
  readonly description: string;
}

export interface ServiceFacts {
  readonly cluster: string;
  readonly node: string;
  /** This machine's name. */
  readonly machine: string;
  readonly host: string;
  readonly port: number;
}

/** Seconds for which others may keep an answer. */
const ttl = 120;
const maxLabelBytes = 63;
const maxNameBytes = 253;
const allServices = '_services._dns-sd._udp.local';

/** Discovery that could not start: no network for it, or a cluster whose name no DNS record can carry. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
}

/** @throws {DiscoveryError} when the cluster's name does not fit */
export function serviceName(cluster: string): string {
  const name = `_serf_${cluster}._tcp.local`;
  const labels = name.split('.');
  if (labels.includes('') || labels.some((label) => Buffer.byteLength(label) > maxLabelBytes)) {
    throw new DiscoveryError(
      `the cluster name '${cluster}' does not fit into a DNS name: use at most ${maxLabelBytes - '_serf_'.length} bytes, without dots`,
    );
  }
  return name;
}

/** @throws {DiscoveryError} when the cluster's name does not fit */
export function service({ cluster, node, machine, host, port }: ServiceFacts): Service {
  const name = serviceName(cluster);
  return {
    name,
    instance: `${fitting(node, maxNameBytes - name.length - 1)}.${name}`,
    hostName: fitting(machine, maxNameBytes),
    host,
    port,
    description: `Serf '${cluster}' cluster`,
  };
}

/** What the records answer to a question; nothing for a question about others (the table of spec/07 §9). */
export function answersTo(question: Question, service: Service): Answer[] {
  const { name } = question;
  // The library's types know no `ANY`, its decoder does.
  const type: string = question.type;
  const asks = (...types: readonly string[]) => type === 'ANY' || types.includes(type);
  if (isSameName(name, service.name)) {
    return asks('PTR') ? [pointer(service.name, service.instance), ...instance(service)] : [];
  }
  if (isSameName(name, allServices)) return asks('PTR') ? [pointer(allServices, service.name)] : [];
  if (isSameName(name, service.instance)) {
    if (type === 'ANY') return instance(service);
    if (type === 'SRV') return [location(service), address(service)];
    if (type === 'TXT') return [text(service)];
  }
  const own = address(service);
  return (isSameName(name, service.instance) || isSameName(name, service.hostName)) &&
    asks(own.type)
    ? [own]
    : [];
}

/** DNS names have no case; the last dot, which stands for the root, is optional. */
export function isSameName(a: string, b: string): boolean {
  return canonical(a) === canonical(b);
}

function canonical(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}

function instance(service: Service): Answer[] {
  return [location(service), address(service), text(service)];
}

function pointer(name: string, data: string): Answer {
  return { type: 'PTR', name, ttl, class: 'IN', data };
}

function location({ instance: name, hostName: target, port }: Service): Answer {
  return { type: 'SRV', name, ttl, class: 'IN', data: { priority: 10, weight: 1, port, target } };
}

function address({ hostName: name, host: data }: Service): Answer & { type: 'A' | 'AAAA' } {
  return { type: data.includes(':') ? 'AAAA' : 'A', name, ttl, class: 'IN', data };
}

function text({ instance: name, description }: Service): Answer {
  return { type: 'TXT', name, ttl, class: 'IN', data: [description] };
}

/**
 * A free text as the labels of a DNS name: what is too long is cut, and empty labels go. Serf answers nobody when its
 * node's name does not fit.
 */
function fitting(text: string, maxBytes: number): string {
  const labels: string[] = [];
  let usedBytes = 0;
  for (const label of text.split('.')) {
    const fits = cut(label, Math.min(maxLabelBytes, maxBytes - usedBytes));
    if (fits === '') continue;
    labels.push(fits);
    usedBytes += Buffer.byteLength(fits) + 1;
  }
  return labels.length === 0 ? 'node' : labels.join('.');
}

function cut(text: string, maxBytes: number): string {
  let kept = '';
  for (const character of text) {
    if (Buffer.byteLength(kept) + Buffer.byteLength(character) > maxBytes) break;
    kept += character;
  }
  return kept;
}
