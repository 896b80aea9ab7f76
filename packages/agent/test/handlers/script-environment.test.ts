import { expect, test } from 'vitest';
import { scriptEnvironment, tagCollisions } from '../../src/handlers/script-environment.js';
import { incomingQuery, userEvent } from '../events.js';

const join = { type: 'member-join', members: [] } as const;
const node = { name: 'nodeA', tags: {} };

test('a member event says what it is and who this node is', () => {
  expect(scriptEnvironment({}, node, join)).toEqual({
    SERF_EVENT: 'member-join',
    SERF_SELF_NAME: 'nodeA',
    SERF_SELF_ROLE: '',
  });
});

test('a user event has its name and Lamport time', () => {
  expect(scriptEnvironment({}, node, userEvent('deploy', { ltime: 7 }))).toEqual({
    SERF_EVENT: 'user',
    SERF_SELF_NAME: 'nodeA',
    SERF_SELF_ROLE: '',
    SERF_USER_EVENT: 'deploy',
    SERF_USER_LTIME: '7',
  });
});

test('a query has its name and Lamport time', () => {
  expect(scriptEnvironment({}, node, incomingQuery('load', { ltime: 9 }))).toEqual({
    SERF_EVENT: 'query',
    SERF_SELF_NAME: 'nodeA',
    SERF_SELF_ROLE: '',
    SERF_QUERY_NAME: 'load',
    SERF_QUERY_LTIME: '9',
  });
});

// Recorded from the real Serf (spec/07 §16).
test('tags are as Serf hands them over', () => {
  const tags = {
    role: 'web',
    'Data-Center': 'us east',
    'a.b': '1',
    'x=y': 'e=q',
    'tab\tname': 'v\tt',
    nl: 'l1\nl2',
    '1num': 'n',
    ünï: 'é',
    empty: '',
    comma: 'a,b=c',
  };

  expect(scriptEnvironment({}, { name: 'nodeA', tags }, join)).toEqual({
    SERF_EVENT: 'member-join',
    SERF_SELF_NAME: 'nodeA',
    SERF_SELF_ROLE: 'web',
    SERF_TAG_1NUM: 'n',
    SERF_TAG_A_B: '1',
    SERF_TAG_COMMA: 'a,b=c',
    SERF_TAG_DATA_CENTER: 'us east',
    SERF_TAG_EMPTY: '',
    SERF_TAG_NL: 'l1\nl2',
    SERF_TAG_ROLE: 'web',
    SERF_TAG_TAB_NAME: 'v\tt',
    SERF_TAG_X_Y: 'e=q',
    SERF_TAG__N_: 'é',
  });
});

test.each([
  ['', 'SERF_TAG_'],
  ['ß', 'SERF_TAG__'],
  ['ﬁx', 'SERF_TAG__X'],
  ['😀a', 'SERF_TAG__A'],
  ['ı', 'SERF_TAG_I'],
  ['__proto', 'SERF_TAG___PROTO'],
])('the tag %j becomes %s', (tag, variable) => {
  const environment = scriptEnvironment({}, { name: 'n', tags: { [tag]: 'v' } }, join);

  expect(environment[variable]).toBe('v');
});

test('of tags with one name, the last in the order of their own names stands', () => {
  const tags = { 'a.b': 'dot', A_B: 'upper', 'a-b': 'dash' };

  expect(scriptEnvironment({}, { name: 'n', tags }, join)['SERF_TAG_A_B']).toBe('dot');
  expect(tagCollisions(tags)).toEqual([
    "Tags 'A_B' and 'a-b' and 'a.b' are all SERF_TAG_A_B for handlers, which see the last of them",
  ]);
  expect(tagCollisions({ a: '1', b: '2' })).toEqual([]);
});

test('the agent’s own environment comes along, and yields where both speak', () => {
  const inherited = { PATH: '/bin', SERF_EVENT: 'stale', SERF_USER_EVENT: 'stale' };

  expect(scriptEnvironment(inherited, node, join)).toMatchObject({
    PATH: '/bin',
    SERF_EVENT: 'member-join',
    SERF_USER_EVENT: 'stale',
  });
});
