// Accounts join an agreement over a running node: one with the code of its line, hundreds from a file, each once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Schemas } from '@trine/client';
import { installedDomains } from '@trine/domains/released.ts';
import { zones, zonesIdentity } from '@trine/engine';
import {
  type Agreement,
  addressOfPrivateKey,
  agreementId,
  agreementPayload,
  fromHex,
  type Hex,
  lineAccountDigest,
  type NetworkDocument,
  sha256,
  signDigest,
  toUtf8,
} from '@trine/protocol';
import { Bench } from './testing.ts';

const bench = new Bench();
before(() => bench.up());
after(() => bench.close());

const HOMES = 300;
const DAY_MS = 86_400_000;
const keyOf = (home: number) => sha256(toUtf8(`account of home/${home}`));
const ofBench = (name: string) =>
  addressOfPrivateKey(fromHex(readFileSync(join(bench.home, 'keys', `${name}.secret`), 'utf8').trim()));

/** Bills of numbered homes, whose accounts join. */
function bills({ id, members, chain }: NetworkDocument): Agreement {
  const domains = installedDomains();
  const [member] = members as [NetworkDocument['members'][number]];
  const startMs = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
  const terms = domains.get('metering').domain.terms.parse({
    numbered: { count: HOMES, customer: 'home/', meters: ['meter/'] },
    ...{ timeZone: 'Europe/Berlin', period: 'day', bands: [{ name: 'all', steps: [{ price: 1_000_000 }] }] },
  });
  return {
    trine: 'agreement/1',
    ...{ network: id, origins: member.logs.map(({ origin }) => origin), domain: 'metering', title: 'Bills' },
    ...{ subject: 'city/1', terms: terms as never, model: domains.identity('metering') },
    ...{ zones: zonesIdentity(zones), period: { startMs, endMs: startMs + 30 * DAY_MS } },
    gate: { ownersMin: 1, classMin: 'software', heartbeat: `node/${id.slice(6, 14)}`, heartbeatGapMsMax: 60_000 },
    parties: [
      { role: 'payer', name: 'City', address: ofBench('account') },
      { role: 'recipient', name: 'Operator', address: ofBench('recipient') },
    ],
    joining: { by: [member.key] },
    ...{ registrar: ofBench('account'), arbiter: ofBench('arbiter') },
    money: {
      ...{ chainId: chain.id, contract: chain.batch, token: chain.tokens[0]?.address as string, currency: 'EUR' },
      ...{ perObligationMax: 1_000, totalMax: 1_000, obligationMaxS: 2 * 86_400, settleWithinS: 40 * 86_400 },
      ...{ disputeWindowS: 3_600, holdMaxS: 3_600, afterHold: 'drop', deadlineS: 86_400 },
    },
    deciders: { list: [{ key: member.key, address: member.address }], quorum: 1 },
  };
}

async function propose(policy: Agreement): Promise<void> {
  const body = JSON.stringify({ policy: agreementPayload.decode(agreementPayload.encode(policy)) });
  const authorization = `Bearer ${readFileSync(join(bench.home, 'keys', 'token.secret'), 'utf8').trim()}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await fetch(`${bench.url}/api/v1/policies`, { method: 'POST', headers, body });
  assert.equal(response.status, 200, await response.text());
}

test('an agreement is proposed by whom its lines join, is signed by both parties, and a line joins', async () => {
  const network = (await (await fetch(`${bench.url}/network.json`)).json()) as NetworkDocument;
  const [member] = network.members as [NetworkDocument['members'][number]];
  const [payer, recipient] = [new Uint8Array(32).fill(41), new Uint8Array(32).fill(42)];
  const secretOf = (name: string, key: Uint8Array) => bench.file(`${name}.secret`, Buffer.from(key).toString('hex'));
  const propose = (...more: string[]) =>
    bench.trine([
      ...['agreement', 'propose', 'metering', 'city/2', '--json', '--most', '10', '--total', '10'],
      ...['--party', `payer=City=${addressOfPrivateKey(payer)}`, '--party', 'recipient=Operator'],
      ...['--numbered', '{"count":3,"customer":"flat/","meters":["meter/"]}', '--time-zone', 'Europe/Berlin'],
      ...['--period', 'day', '--bands', '[{"name":"all","steps":[{"price":1000000}]}]', ...more],
    ]);
  const through = ['--join-through', member.name];
  for (const [args, words] of [
    [['--join-through', 'Nobody'], /Nobody is no member of the network: /],
    [['--registrar', ofBench('account')], /registrar: it admits accounts that join/],
    [['--contest-bond', '1'], /contestBond: only lines that are paid in batches are contested/],
    [[...through, '--dispute-window', '30min'], /batches stand open to refutation for at least 3600 s/],
    [[...through, ...through], /agreement\.joining: names members, each once/],
  ] as const) {
    const { status, words: said } = await propose(...args);
    assert.deepEqual([status, words.test(said)], [2, true], said);
  }
  const proposed = await propose(...through, '--contest-bond', '2.50');
  assert.equal(proposed.status, 0, proposed.words);
  const { id: proposal, draft, links } = proposed.json<Schemas['Proposal']>();
  assert.deepEqual(
    [draft.joining, draft.registrar, draft.money.contract, draft.money.contestBond],
    [{ by: [member.key] }, member.address, network.chain.batch, 250],
  );
  const shown = await bench.trine(['agreement', 'show', proposal, '--role', 'payer']);
  assert.match(
    shown.out,
    new RegExp(`Accounts of lines +join through ${member.name} \\(${member.key}\\); lines are paid in batches`),
  );
  assert.match(shown.out, new RegExp(`registrar +${member.address}`));
  assert.match(shown.out, /Contesting a row +takes 2\.50 EUR until the arbiter has ruled, or 30 d/);
  const link = `${bench.url}${links.find(({ role }) => role === 'recipient')?.path}`;
  const sign = (of: string, key: string) => bench.trine(['agreement', 'sign', of, '--key', key, '--yes']);
  const first = await sign(link, secretOf('operator', recipient));
  assert.equal(first.status, 0, first.words);
  const last = await sign(proposal, secretOf('city', payer));
  assert.equal(last.status, 0, last.words);
  const [, id = ''] = /Sealed: agreement ([0-9a-f]{64})/.exec(last.out) ?? [];
  const codes = (await bench.trine(['agreement', 'codes', id])).out.trim().split('\n').slice(1);
  assert.deepEqual(
    codes.map((line) => line.split(',')[0]),
    ['flat/1', 'flat/2', 'flat/3'],
  );
  const code = codes[1]?.split(',')[1] as string;
  const joins = ['agreement', 'join', id, '--row', 'flat/2', '--key', secretOf('flat', keyOf(1)), '--code', code];
  const joined = await bench.trine(joins);
  assert.deepEqual([joined.status, joined.out.trim()], [0, '1 of 1 joined.'], joined.words);
  const lines = (await bench.trine(['agreement', 'codes', id, '--json'])).json<{ hasAccount: boolean }[]>();
  assert.deepEqual(
    lines.map(({ hasAccount }) => hasAccount),
    [false, true, false],
  );
});

test('one joins with the code of its line, all others from a file; whoever joined stays', async () => {
  const network = (await (await fetch(`${bench.url}/network.json`)).json()) as NetworkDocument;
  const policy = bills(network);
  await propose(policy);
  const id = agreementId(policy, network.chain.terms as Hex).slice(2);
  const { out } = await bench.trine(['agreement', 'codes', id.slice(0, 8)]);
  const codes = new Map(
    out
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',') as [string, string]),
  );
  assert.equal(codes.size, HOMES);
  assert.equal(new Set(codes.values()).size, HOMES);

  const secret = (home: number) => bench.file(`home-${home}.secret`, Buffer.from(keyOf(home)).toString('hex'));
  const joins = (...more: string[]) => bench.trine(['agreement', 'join', id, ...more]);
  const alone = ['--row', 'home/1', '--key', secret(1)];
  const stolen = await joins('--row', 'home/1', '--key', secret(9), '--code', codes.get('home/9') as string);
  assert.notEqual(stolen.status, 0);
  assert.match(stolen.words, /not the code of home\/1/);
  // Its holder needs no token, only the code.
  const one = await joins(...alone, '--code', codes.get('home/1') as string);
  assert.deepEqual([one.status, one.out.trim()], [0, '1 of 1 joined.'], one.words);

  const row = (home: number, key = keyOf(home)) => {
    const digest = lineAccountDigest(fromHex(id), `home/${home}`, policy.money);
    return `home/${home},${addressOfPrivateKey(key)},${signDigest(digest, key)}`;
  };
  const all = Array.from({ length: HOMES }, (_, i) => row(i + 1));
  const file = bench.file('accounts.csv', ['row,address,signature', ...all].join('\n'));
  const many = await joins('--csv', file);
  assert.deepEqual([many.status, many.out.trim()], [0, `${HOMES} of ${HOMES} joined.`], many.words);
  assert.match(many.words, new RegExp(`${HOMES} of ${HOMES}`), 'it says how far it is');
  assert.equal((await joins('--csv', file)).status, 0, 'again changes nothing');

  const other = ['row,address,signature', row(2, keyOf(999)), row(3).replace('home/3,', 'home/4,'), row(5)].join('\n');
  const refused = await joins('--csv', bench.file('other.csv', other));
  assert.equal(refused.status, 1);
  assert.match(
    refused.out,
    /1 of 3 joined.*home\/2: home\/2 joined before: that stays.*home\/4: The signature is not by/s,
  );
  const lines = (await bench.trine(['agreement', 'codes', id, '--json'])).json<{ hasAccount: boolean }[]>();
  assert.ok(lines.every(({ hasAccount }) => hasAccount));
});
