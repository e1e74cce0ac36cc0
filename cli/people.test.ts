// A person under pseudonyms, and a thing whose key was copied: from the command line, over a running node.
import assert from 'node:assert/strict';
import { cpSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Bench } from './testing.ts';

const bench = new Bench();
before(() => bench.up());
after(() => bench.close());
const path = (name: string) => join(bench.home, name);

async function said<T>(...args: string[]): Promise<T> {
  const answer = await bench.trine([...args, '--json']);
  assert.equal(answer.status, 0, answer.words + answer.out);
  return answer.json<T>();
}

test('pseudonym: another key and subject for every session, which may speak; the node knows whose they are', async () => {
  interface Made {
    readonly subject: string;
    readonly key: string;
    readonly file: string;
  }
  const one = await said<Made>('pseudonym', 'new', 'member/4711');
  const two = await said<Made>('pseudonym', 'new', 'member/4711');
  assert.match(one.subject, /^person\/[0-9a-f]{32}$/);
  assert.notEqual(one.subject, two.subject);
  assert.notEqual(one.key, two.key);
  for (const file of [one.file, ...readdirSync(path('wallets')).map((name) => path(`wallets/${name}`))])
    assert.equal(statSync(file).mode & 0o077, 0, file);
  const event = ['--event', 'text/plain', '--body', 'hello'];
  const answer = await said<{ verdict: string }>('publish', '--subject', one.subject, '--key', one.file, ...event);
  assert.equal(answer.verdict, 'sealed');
  const listed = await said<{ subject: string; isLive: boolean }[]>('pseudonym', 'list', 'member/4711');
  assert.deepEqual(
    listed.map(({ subject }) => subject),
    [one.subject, two.subject].sort(),
  );
  assert.equal((await bench.trine(['pseudonym', 'list', 'member/1'])).status, 2);
  for (let n = 2; n < 8; n++) await said('pseudonym', 'new', 'member/4711');
  const full = await bench.trine(['pseudonym', 'new', 'member/4711']);
  assert.match(full.words, /has 8 pseudonyms/);
  assert.notEqual(full.status, 0);
});

test('recover: a copied key forks the sequence; another key goes on, the old one is refused', async () => {
  for (const name of ['old', 'new']) await said('device', 'key', name);
  await said('device', 'enrol', 'meter/1', '--key', path('devices/old.pem'));
  const publish = (key: string) =>
    bench.trine(['publish', '--subject', 'meter/1', '--key', path(`devices/${key}.pem`), 'p=1:W', '--json']);
  assert.equal((await publish('old')).status, 0);
  const none = await bench.trine(['recover', 'meter/1', '--key', path('devices/new.pem')]);
  assert.match(none.words, /no fork or clone/);
  assert.notEqual(none.status, 0);
  // The copy: what the device keeps of its place, put back after it went on.
  cpSync(path('publish'), path('copied'), { recursive: true });
  assert.equal((await publish('old')).status, 0);
  cpSync(path('copied'), path('publish'), { recursive: true });
  assert.equal((await publish('old')).json<{ flag: string }>().flag, 'fork');
  assert.match((await bench.trine(['device', 'list'])).out, /meter\/1 .*forked: held/);
  const recovered = await bench.trine(['recover', 'meter/1', '--key', path('devices/new.pem'), '--reason', 'copied']);
  assert.equal(recovered.status, 0, recovered.words);
  assert.match(recovered.out, /goes on in epoch 1/);
  const late = await publish('old');
  assert.deepEqual([late.status, late.json<{ reason: string }>().reason], [1, 'revoked-key']);
  const goesOn = (await publish('new')).json<{ verdict: string; flag?: string }>();
  assert.deepEqual([goesOn.verdict, goesOn.flag], ['sealed', undefined]);
  assert.match((await bench.trine(['device', 'list'])).out, /meter\/1 .*recovered/);
  await bench.down();
  const checked = await bench.trine(['fsck']);
  assert.equal(checked.status, 0, checked.out);
});
