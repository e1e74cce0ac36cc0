// Bytes that no honest client sends, for every port: nasty ones by hand, and random ones by seed.
import { connect } from 'node:net';
import { generate } from 'mqtt-packet';

const WEBSOCKET = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const LOCAL = 'Host: localhost\r\n';

/** Requests by hand: targets, upgrades, heads and bodies that a server may not have thought of. */
export const nastyRequests: readonly string[] = [
  ...[
    '//',
    '///',
    '/\\',
    'http://evil.example/',
    'http://[',
    '*',
    '/%',
    '/%00',
    '/%ff%fe',
    '/../../etc/passwd',
    '/a b',
  ].flatMap((target) => [
    `GET ${target} HTTP/1.1\r\n${LOCAL}\r\n`,
    `GET ${target} HTTP/1.1\r\n${LOCAL}${WEBSOCKET}${KEY}\r\n`,
  ]),
  ...['//@/', 'http://x:99999/mqtt', 'mqtt', '?', '#', `/${'a'.repeat(20_000)}`, '/mqtt?%', '/mqtt#//'].map(
    (target) => `GET ${target} HTTP/1.1\r\n${LOCAL}${WEBSOCKET}${KEY}\r\n`,
  ),
  `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\n${LOCAL}\r\n`,
  `GET / HTTP/1.1\r\n\r\n`,
  `GET / HTTP/1.0\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: ${'a'.repeat(9_000)}\r\n\r\n`,
  `GET /healthz HTTP/1.1\r\n${LOCAL}X: ${'a'.repeat(100_000)}\r\n\r\n`,
  `GET /healthz HTTP/1.1\r\n${LOCAL}${'X: a\r\n'.repeat(10_000)}\r\n`,
  `GET /mqtt HTTP/1.1\r\n${LOCAL}${WEBSOCKET}\r\n`,
  `GET /mqtt HTTP/1.1\r\n${LOCAL}${WEBSOCKET.replace('13', '99')}${KEY}\r\n`,
  `GET /mqtt HTTP/1.1\r\n${LOCAL}${WEBSOCKET}Sec-WebSocket-Key: \r\n\r\n`,
  `GET /mqtt HTTP/1.1\r\n${LOCAL}${WEBSOCKET}${KEY}Sec-WebSocket-Protocol: ,,,\r\n\r\n`,
  `GET /mqtt HTTP/1.1\r\n${LOCAL}${WEBSOCKET}${KEY}Sec-WebSocket-Extensions: permessage-deflate; x=\r\n\r\n`,
  `GET /mqtt HTTP/1.1\r\n${LOCAL}${WEBSOCKET}${KEY}Origin: //\r\n\r\n`,
  `GET /mqtt HTTP/1.1\r\n${LOCAL}${WEBSOCKET}${KEY}\r\n\u0000\u0001\u0002 not a frame`,
  `POST /mqtt HTTP/1.1\r\n${LOCAL}${WEBSOCKET}${KEY}\r\n`,
  `GET /mqtt HTTP/1.1\r\n${LOCAL}Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n`,
  `POST /api/statements HTTP/1.1\r\n${LOCAL}Content-Length: 999999999\r\n\r\nx`,
  `POST /api/statements HTTP/1.1\r\n${LOCAL}Content-Length: -1\r\n\r\n`,
  `POST /api/statements HTTP/1.1\r\n${LOCAL}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx`,
  `POST /api/statements HTTP/1.1\r\n${LOCAL}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc`,
  `POST /chain HTTP/1.1\r\n${LOCAL}Content-Length: 1\r\n\r\n{`,
  `POST /chain HTTP/1.1\r\n${LOCAL}Content-Length: 4\r\n\r\nnull`,
  `POST /chain HTTP/1.1\r\n${LOCAL}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n[]`,
  `GET /healthz HTTP/1.1\r\n${LOCAL}`,
  `GET /heal`,
  `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  `\r\n\r\n\r\n`,
  `\u0016\u0003\u0001\u0002\u0000\u0001\u0000`,
];

/** Packets by hand, each after a CONNECT of its own. */
export const nastyPackets: readonly Uint8Array[] = [
  [0x30, 0x00],
  [0x30, 0x02, 0x00, 0x00],
  [0x32, 0x03, 0x00, 0x01, 0x61],
  [0x36, 0x03, 0x00, 0x01, 0x61],
  [0x82, 0x00],
  [0x82, 0x02, 0x00, 0x00],
  [0x82, 0x06, 0x00, 0x01, 0x00, 0x01, 0x23, 0x03],
  [0x82, 0x05, 0x00, 0x01, 0x00, 0x00, 0x00],
  [0xa2, 0x02, 0x00, 0x01],
  [0x40, 0x02, 0xff, 0xff],
  [0x62, 0x02, 0xff, 0xff],
  [0x50, 0x02, 0xff, 0xff],
  [0x70, 0x02, 0xff, 0xff],
  [0xf0, 0x00],
  [0x20, 0x02, 0x00, 0x00],
  [0x10, 0x00],
  [0xc0, 0x05, 1, 2, 3, 4, 5],
  [0xe0, 0x00],
  [0x30, 0xff, 0xff, 0xff, 0xff, 0xff],
].map((bytes) => Uint8Array.from(bytes));

export const mqttConnect: Uint8Array = generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: false,
  clientId: '__proto__',
  keepalive: 0,
});

/** Random bytes by seed (mulberry32), often with the beginning of something good before them. */
export function randomJunk(seed: number, beginnings: readonly Uint8Array[]): Uint8Array {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const beginning = beginnings[next() % (beginnings.length + 1)] ?? new Uint8Array();
  const kept = next() % 2 === 0 ? beginning : beginning.slice(0, next() % (beginning.length + 1));
  return Buffer.concat([kept, Uint8Array.from({ length: next() % 300 }, () => next() & 0xff)]);
}

const WAIT_MS = 30;

/** Sends bytes on a connection of their own, waits a moment for what comes of them, and pulls the plug. */
export function throwAt(port: number, bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const over = () => socket.destroy();
    const timer = setTimeout(over, WAIT_MS);
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.on('connect', () => socket.write(bytes));
  });
}
