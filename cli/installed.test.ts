// A whole node with domains that a member installed: a good one decides beside those of the release; hostile ones harm nothing.
import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Bench } from './testing.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const bench = new Bench();
after(() => bench.close());

/** A domain whose windows are decided by what is given here. */
function hostile(
  name: string,
  decide: string,
  trigger = `{ name: 'window', on: 'window', startMs: 0, lengthMs: 1000, graceMs: 0 }`,
): string {
  const word = { label: 'Done', tone: 'ok' };
  const manifest = {
    ...{
      name,
      version: '1',
      title: name,
      about: 'It harms.',
      things: {},
      roles: ['payer', 'recipient'],
      reads: ['pack'],
    },
    ...{ verdicts: { done: word }, alerts: {}, panels: [] },
  };
  const code = `export default { abi: 1, terms: { parse: (given) => ({ thing: String(given.thing) }) },
    triggers: () => [${trigger}],
    inputs: ({ thing }, { fromMs, toMs }) => [{ name: 'all', subjects: [thing], kinds: ['pack', 'event'], fromMs, toMs }],
    open: async () => ({ decide(input) { ${decide} } }) };`;
  const schema = {
    type: 'object',
    properties: { thing: { type: 'string', title: 'Thing', kind: 'subject' } },
    required: ['thing'],
  };
  return bench.file(`${name}.json`, JSON.stringify({ trine: 'domain/1', manifest, schema, code }));
}

const done = `return { verdict: 'done', facts: {}, reason: { template: 'done', arguments: {} }, states: new Map(), effects: [] };`;
const attacks: Readonly<Record<string, string>> = {
  loops: 'for (;;);',
  bombs: 'const all = []; for (;;) all.push(new Uint8Array(1e6));',
  reads: 'return require("node:fs").readFileSync("keys/member.pem");',
  'lies-of-events': done,
};

interface DomainView {
  readonly name: string;
  readonly title: string;
  readonly terms: unknown;
  readonly model: { readonly code: string };
}
interface DecisionView {
  readonly domain: string;
  readonly verdict: string;
}
interface Monitor {
  readonly problem?: string;
}

before(async () => {
  symlinkSync(join(root, 'node_modules'), join(bench.home, 'node_modules'));
  const own = join(bench.home, 'own');
  assert.equal((await bench.trine(['domain', 'new', 'cold-chain', '--folder', own])).status, 0);
  const added = await bench.trine(['domain', 'add', join(own, 'cold-chain'), '--yes']);
  assert.equal(added.status, 0, added.words);
  for (const [name, decide] of Object.entries(attacks)) {
    const trigger =
      name === 'lies-of-events'
        ? `{ name: 'event', on: 'event', graceMs: 0, subjects: ['*'], matches() { for (;;); } }`
        : undefined;
    const { status, words } = await bench.trine(['domain', 'add', hostile(name, decide, trigger), '--yes']);
    assert.equal(status, 0, words);
  }
  await bench.up();
});

/** So that windows are due at once. */
const longAgo = new Date(Date.now() - 600_000).toISOString();
const watch = (domain: string, terms: readonly string[]) =>
  bench.trine(['watch', 'add', domain, 'room/1', '--title', domain, '--from', longAgo, ...terms, '--json']);

test('an installed domain stands beside those of the release, with its words, its form and its hash', async () => {
  const all = await bench.api<DomainView[]>('domains');
  const own = all.find(({ name }) => name === 'cold-chain');
  assert.equal(own?.title, 'Cold chain');
  assert.match(JSON.stringify(own?.terms), /Thousandths of the unit/);
  assert.ok(all.some(({ name }) => name === 'service-level'));
  const [, hash] = /cold-chain +1 +installed +([0-9a-f]{12})/.exec((await bench.trine(['domain', 'list'])).out) ?? [];
  assert.ok(hash && own?.model.code.startsWith(hash));
});

test('an agreement is proposed on it, with its terms as flags and in words', async () => {
  const proposed = await bench.trine([
    ...['agreement', 'propose', 'cold-chain', 'room/1', '--party', 'payer=City', '--party', 'recipient=Supplier'],
    ...['--most', '5', '--total', '100', '--limit-milli', '8000', '--window', '60s'],
  ]);
  assert.equal(proposed.status, 0, proposed.words);
  assert.match(proposed.out, /"Cold chain: room\/1" about room\/1: Cold chain/);
  assert.match(proposed.out, /^Limit +8000$/m);
});

test('what it decides is proven, and computed again where it is at hand; elsewhere with its file', async () => {
  const watched = await watch('cold-chain', ['--limit-milli', '8000', '--window', '60s', '--grace', '0']);
  assert.equal(watched.status, 0, watched.words);
  const decision = await bench.until(async () =>
    (await bench.api<{ items: { id: string; domain: string }[] }>('decisions?limit=200')).items.find(
      ({ domain }) => domain === 'cold-chain',
    ),
  );
  const proof = join(bench.home, 'cold.trine');
  const evidence = await bench.trine(['evidence', decision.id, '--output', proof]);
  assert.equal(evidence.status, 0, evidence.words);
  const network = ['--network', join(bench.home, 'network.json')];
  const verified = await bench.trine(['verify', proof, ...network, '--json']);
  assert.equal(verified.json<{ verdict: string }>().verdict, 'trusted', verified.out);
});

test('hostile domains: each is watched with, none decides, the node says why and goes on', async () => {
  for (const name of Object.keys(attacks)) {
    const { status, words } = await watch(name, []);
    assert.equal(status, 0, `${name}: ${words}`);
  }
  const deciding = Object.keys(attacks).filter((name) => name !== 'lies-of-events');
  const problems = await bench.until(async () => {
    const all = (await bench.api<readonly Monitor[]>('monitors?limit=200')).map(({ problem }) => problem ?? '');
    return deciding.every((name) => all.some((one) => one.startsWith(`"${name}":`))) ? all : undefined;
  });
  for (const problem of problems) assert.match(problem, /^$|: The bundle (was stopped|failed)/);
  const count = async () =>
    (await bench.api<{ items: DecisionView[] }>('decisions?limit=200')).items.filter(
      ({ domain }) => domain === 'service-level',
    ).length;
  const first = await count();
  await bench.until(async () => ((await count()) > first + 1 ? true : undefined));
});

test('one that is taken out is gone after the next start; what was decided stays proven, and is not computed again', async () => {
  assert.equal(await bench.down(), 0);
  assert.equal((await bench.trine(['domain', 'remove', 'cold-chain'])).status, 0);
  for (const name of Object.keys(attacks)) assert.equal((await bench.trine(['domain', 'remove', name])).status, 0);
  const network = ['--network', join(bench.home, 'network.json')];
  const verified = await bench.trine(['verify', join(bench.home, 'cold.trine'), ...network, '--json']);
  assert.equal(verified.json<{ verdict: string }>().verdict, 'trusted-without-replay');
  const packed = join(bench.home, 'cold.json');
  assert.equal((await bench.trine(['domain', 'pack', join(bench.home, 'own', 'cold-chain'), packed])).status, 0);
  const again = await bench.trine(['verify', join(bench.home, 'cold.trine'), ...network, '--domain', packed, '--json']);
  assert.equal(again.json<{ verdict: string }>().verdict, 'trusted', again.out);
  writeFileSync(packed, 'junk');
  assert.equal((await bench.trine(['verify', join(bench.home, 'cold.trine'), '--domain', packed])).status, 2);
});
