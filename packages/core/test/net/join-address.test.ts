import { expect, test } from 'vitest';
import { AddressError } from '../../src/net/host-port.js';
import { parseJoinAddress } from '../../src/net/join-address.js';

// Every row was typed at a real Serf (v0.11.0, bind port 31946): what it dialled, or what it complained about.
test.each([
  ['127.0.0.1', '', '127.0.0.1', 31946],
  ['127.0.0.1:1', '', '127.0.0.1', 1],
  ['127.0.0.1:0', '', '127.0.0.1', 0],
  ['127.0.0.1:007', '', '127.0.0.1', 7],
  ['x/127.0.0.1:1', 'x', '127.0.0.1', 1],
  ['x/', 'x', '', 31946],
  ['x/y/127.0.0.1:1', 'x', 'y/127.0.0.1', 1],
  ['::1', '', '::1', 31946],
  ['[::1]', '', '::1', 31946],
  ['::1]', '', '::1', 31946],
  ['[::1]:1', '', '::1', 1],
  ['n/[::1]:1', 'n', '::1', 1],
  ['fe80::1', '', 'fe80::1', 31946],
  ['[nohost]', '', 'nohost', 31946],
  ['[127.0.0.1]:1', '', '127.0.0.1', 1],
  ['1:2:3', '', '1:2:3', 31946],
  ['', '', '', 31946],
  [':80', '', '', 80],
  ['[]:80', '', '', 80],
  ['web.example.org:80', '', 'web.example.org', 80],
])('%j is read as node %j, host %j, port %j', (text, node, host, port) => {
  expect(parseJoinAddress(text, 31946)).toEqual({ node, host, port });
});

test.each([
  ['127.0.0.1:99999', 'strconv.ParseUint: parsing "99999": value out of range'],
  ['127.0.0.1:65536', 'strconv.ParseUint: parsing "65536": value out of range'],
  ['127.0.0.1:abc', 'strconv.ParseUint: parsing "abc": invalid syntax'],
  ['127.0.0.1:http', 'strconv.ParseUint: parsing "http": invalid syntax'],
  ['127.0.0.1:', 'strconv.ParseUint: parsing "": invalid syntax'],
  ['127.0.0.1:-1', 'strconv.ParseUint: parsing "-1": invalid syntax'],
  ['127.0.0.1: 1', 'strconv.ParseUint: parsing " 1": invalid syntax'],
  ['[::1]:', 'strconv.ParseUint: parsing "": invalid syntax'],
  ['/127.0.0.1:1', 'empty node name provided'],
  ['/1.2.3.4', 'empty node name provided'],
  ['[::1]x', 'address [::1]x]:31946: missing port in address'],
  ['[::1', "address [::1: missing ']' in address"],
  ['[nohost:1', "address [nohost:1: missing ']' in address"],
  ['nohost]:1', "address nohost]:1: unexpected ']' in address"],
  ['x]:1', "address x]:1: unexpected ']' in address"],
  ['[a]b]:1', 'address [a]b]:1: missing port in address'],
])('%j is refused in Serf’s words', (text, message) => {
  expect(() => parseJoinAddress(text, 31946)).toThrow(new AddressError(message));
});
