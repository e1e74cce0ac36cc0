import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Entry, entryRefusal, pathOf } from './host.ts';

const local = (host: string | undefined, origin?: string) =>
  entryRefusal({ host, origin, boundHost: '127.0.0.1' })?.reason ?? 'in';

test('localhost under its own names comes in, from its own pages', () => {
  for (const host of ['localhost', 'LocalHost:4100', '127.0.0.1:4100', '[::1]:4100', '[::1]'])
    assert.equal(local(host), 'in', host);
  assert.equal(local('127.0.0.1:4100', 'http://127.0.0.1:4100'), 'in');
  assert.equal(local('localhost', 'http://localhost:80'), 'in', 'the port a scheme implies');
  assert.equal(local('localhost', 'https://localhost'), 'in', 'behind a proxy with TLS');
});

test('DNS rebinding: a foreign name does not come in, not even with an equal origin', () => {
  assert.equal(local('evil.com:4100', 'http://evil.com:4100'), 'foreign-host');
  assert.equal(local('evil.com:4100'), 'foreign-host');
  assert.equal(local('localhost.evil.com'), 'foreign-host');
  assert.equal(local('127.0.0.1.evil.com'), 'foreign-host');
  assert.equal(local('localhost.'), 'foreign-host');
});

test('a page of another site does not come in', () => {
  for (const origin of ['http://evil.example', 'null', '', 'file://', 'http://localhost:9', 'javascript:1', 'http://'])
    assert.equal(local('localhost:4100', origin), 'foreign-origin', origin);
});

test('what is no host is refused as such', () => {
  for (const host of [undefined, '', ' ', 'a b', 'localhost:x', 'localhost:4100:1', 'a@localhost', '//', '[::1', 'é'])
    assert.equal(local(host), 'bad-host', String(host));
});

test('bound to other addresses any name comes in, and pages of that name alone', () => {
  const bound = (host: string, origin?: string) => entryRefusal({ host, origin, boundHost: '0.0.0.0' })?.reason ?? 'in';
  assert.equal(bound('trine.city.example', 'https://trine.city.example'), 'in');
  assert.equal(bound('trine.city.example', 'https://evil.example'), 'foreign-origin');
});

test('property: no headers make it throw, and nothing foreign comes in', () => {
  const text = fc.option(fc.oneof(fc.string(), fc.webUrl(), fc.domain()), { nil: undefined });
  fc.assert(
    fc.property(text, text, (host, origin) => {
      const entry: Entry = { host, origin, boundHost: '127.0.0.1' };
      if (entryRefusal(entry) === undefined) assert.match(host ?? '', /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i);
    }),
  );
});

test('only the form /path of a target has a path', () => {
  assert.equal(pathOf('//'), '//');
  assert.equal(pathOf('/mqtt?x=1'), '/mqtt');
  for (const target of ['http://evil.com/mqtt', '*', 'localhost:80', '', undefined])
    assert.equal(pathOf(target), undefined);
});
