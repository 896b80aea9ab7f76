import { DecodeError } from './decode-error.js';
import { FieldNames, MsgpackReader } from './msgpack-reader.js';
import { MsgpackWriter } from './msgpack-writer.js';

/** Who shall answer a query; all filters of a query must match (spec/03 §14.3). */
export type QueryFilter =
  /** One of these names. */
  | { readonly type: 'node'; readonly nodes: readonly string[] }
  /** `expression`, in RE2's dialect, is found in the tag's value; a tag that is not there has the value ''. */
  | { readonly type: 'tag'; readonly tag: string; readonly expression: string };

const nodeFilter = 0;
const tagFilter = 1;
const writer = new MsgpackWriter('gossip');

export function encodeFilter(filter: QueryFilter): Uint8Array {
  writer.reset();
  if (filter.type === 'node') {
    writer.byte(nodeFilter).arrayHeader(filter.nodes.length);
    for (const node of filter.nodes) writer.text(node);
    return writer.finish();
  }
  writer.byte(tagFilter).mapHeader(2);
  writer.key('Expr').text(filter.expression).key('Tag').text(filter.tag);
  return writer.finish();
}

/** Raises DecodeError for an empty filter, one of an unknown type, or a malformed one: none of them matches anybody. */
export function decodeFilter(bytes: Uint8Array): QueryFilter {
  const type = bytes[0];
  if (type === undefined) throw new DecodeError('BAD_FILTER', 'a filter of no bytes');
  const reader = new MsgpackReader(bytes, 1);
  if (type === nodeFilter) return { type: 'node', nodes: decodeNodes(reader) };
  if (type === tagFilter) return decodeTagFilter(reader);
  throw new DecodeError('BAD_FILTER', `a filter of unknown type ${type}`);
}

function decodeNodes(reader: MsgpackReader): string[] {
  const nodes: string[] = [];
  for (let left = reader.arrayHeader(); left > 0; left -= 1) nodes.push(reader.lossyText());
  return nodes;
}

const tagFilterFields = new FieldNames('Expr', 'Tag');

function decodeTagFilter(reader: MsgpackReader): QueryFilter {
  let tag = '';
  let expression = '';
  for (let left = reader.mapHeader(); left > 0; left -= 1) {
    switch (reader.field(tagFilterFields)) {
      case 'Expr':
        expression = reader.text();
        break;
      case 'Tag':
        tag = reader.text();
        break;
      default:
        reader.skip();
    }
  }
  return { type: 'tag', tag, expression };
}
