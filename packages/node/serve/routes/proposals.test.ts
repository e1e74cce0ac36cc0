// An agreement from its proposal to a payment: refused in words before anybody signs, in no log before all have, then sealed
// with their signatures, opened, funded by its payer, paid, and ended by the word of a party.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { digestOf } from '@trine/ledger/acts.ts';
import {
  type Act,
  addressOfPrivateKey,
  didKey,
  fromHex,
  type Hex,
  permitDigest,
  policyEndDigest,
  signDigest,
} from '@trine/protocol';
import { problemOf, ServedNode } from '../../testing/served.ts';
import { T0 } from '../../testing/world.ts';
import type { AgreementView } from '../views/policies.ts';
import type { ProposalView, SigningView } from '../views/proposals.ts';

let served: ServedNode;
before(async () => {
  served = await ServedNode.open();
});
after(() => served.close());

const payer = new Uint8Array(32).fill(21);
const recipient = new Uint8Array(32).fill(22);
const MINUTE = 60_000;
const asked = () => ({
  ...{ subject: 'thing/1', domain: 'counting', title: 'Counted', terms: { thing: 'thing/1', due: 2 } },
  parties: [
    { role: 'payer', name: 'Operator', address: addressOfPrivateKey(payer) as string },
    { role: 'recipient', name: 'Customer' },
  ],
  ...{ currency: 'EUR', perObligationMax: 50, totalMax: 1_000, disputeWindowS: 0, holdMaxS: 0, ownersMin: 0 },
  ...{ startMs: T0, endMs: T0 + 100 * MINUTE, classMin: 'simulated' },
});
const size = () => served.parts.log.durableSize;
const anonymous = { token: '' };
const post = async <T>(path: string, body: object, more = {}): Promise<T> => {
  const { status, json, text } = await served.post(`/api/v1${path}`, body, more);
  assert.equal(status, 200, text);
  return json() as T;
};
const refused = async (path: string, body: object, code: string, words: RegExp, more = {}) => {
  const problem = problemOf(await served.post(`/api/v1${path}`, body, more));
  assert.equal(problem.code, code, problem.error);
  assert.match(problem.error, words);
};
const codeOf = ({ links }: ProposalView, role: string) =>
  links
    .find((one) => one.role === role)
    ?.path.split('/')
    .at(-1) as string;
const agreements = () => served.get<AgreementView[]>('/api/v1/agreements');

test('what domain or contract would refuse is said in words, and nothing is kept of it', async () => {
  const before = size();
  const good = asked();
  const own = addressOfPrivateKey(payer);
  const member = didKey(served.node.genesis.keys.member.publicKey);
  for (const [wrong, words] of [
    [{ terms: { ...good.terms, due: 'two' } }, /terms\.due/],
    [{ currency: 'USD' }, /^currency: this network pays in EUR\.$/],
    [{ arbiter: own }, /^arbiter: an account of its own/],
    [{ parties: [good.parties[0], { role: 'bystander', name: 'Nobody' }] }, /recipient|bystander/],
    [{ parties: [good.parties[0], { role: 'payer', name: 'Nobody' }] }, /each role stands once/],
    [
      { parties: [good.parties[0], { ...good.parties[1], address: own }] },
      /^parties: payer and recipient have one account/,
    ],
    [{ totalMax: 49 }, /^money\.totalMax: one obligation may cost more/],
    [{ startMs: T0 + 5, endMs: T0 + 4 }, /^endMs: it ends before it starts\.$/],
    [{ endMs: Number.MAX_SAFE_INTEGER - 1_000_000 }, /period\.endMs/],
    [{ disputeWindowS: 367 * 86_400 }, /disputeWindowS|366/],
    [{ classMin: 'best' }, /classMin/],
    [{ joining: { by: [member] } }, /^joining: agreements of this domain have no lines/],
    [{ registrar: own }, /^registrar: it admits accounts that join/],
  ] as const) {
    const problem = problemOf(await served.post('/api/v1/proposals', { ...good, ...wrong }));
    assert.match(problem.error, words, JSON.stringify(wrong));
  }
  assert.equal(size(), before);
  assert.deepEqual(await served.get('/api/v1/proposals'), []);
});

test('a party with a link alone makes its account and signs; nobody signs for another', async () => {
  const before = size();
  const proposal = await post<ProposalView>('/proposals', asked());
  assert.equal(proposal.agreement, undefined, 'what is signed names every account');
  const code = codeOf(proposal, 'recipient');
  const at = `/signing/${proposal.id}`;
  const seen = await served.ask(`/api/v1${at}?code=${code}`, anonymous);
  const view = seen.json() as SigningView;
  assert.deepEqual([view.role, view.draft.title, view.isPractice, view.decimals], ['recipient', 'Counted', true, 2]);
  assert.ok(!seen.text.includes(codeOf(proposal, 'payer')), 'nobody sees the code of another');
  const wrong = await served.ask(`/api/v1${at}?code=${'0'.repeat(32)}`, anonymous);
  assert.equal(wrong.status, 404);
  assert.equal((await served.ask('/api/v1/proposals', anonymous)).status, 401);
  const address = addressOfPrivateKey(recipient);
  const early = signDigest(`0x${'11'.repeat(32)}`, payer);
  await refused(`${at}/signature`, { code, signature: early }, 'conflict', /Not every party has an account/, anonymous);
  const taken = { code, address: addressOfPrivateKey(payer) };
  await refused(`${at}/account`, taken, 'invalid', /have one account/, anonymous);
  const named = await post<SigningView>(`${at}/account`, { code, address }, anonymous);
  assert.match(named.agreement ?? '', /^[0-9a-f]{64}$/);
  assert.deepEqual(await post(`${at}/account`, { code, address }, anonymous), named);
  await refused(
    `${at}/account`,
    { code, address: `0x${'9'.repeat(40)}` },
    'conflict',
    /has an account already/,
    anonymous,
  );
  const digest: Hex = `0x${named.agreement}`;
  const foreign = signDigest(digest, payer);
  await refused(
    `${at}/signature`,
    { code, signature: foreign },
    'bad-signature',
    /account of the recipient/,
    anonymous,
  );
  const signed = await post<SigningView>(
    `${at}/signature`,
    { code, signature: signDigest(digest, recipient) },
    anonymous,
  );
  assert.deepEqual(
    signed.parties.map(({ signedMs }) => signedMs !== undefined),
    [false, true],
  );
  assert.equal(size(), before, 'in no log before all have signed');
  const sealed = await post<SigningView>(`${at}/signature`, {
    code: codeOf(proposal, 'payer'),
    signature: signDigest(digest, payer),
  });
  assert.equal(sealed.state, 'sealed');
  const [agreement] = await agreements();
  assert.deepEqual([agreement?.hash, agreement?.id], [sealed.policy, named.agreement]);
  assert.deepEqual(
    agreement?.signed.map(({ role }) => role),
    ['recipient', 'payer'],
  );
  await refused(`${at}/account`, { code, address }, 'conflict', /is sealed/, anonymous);
  await refused(`/proposals/${proposal.id}/withdraw`, {}, 'conflict', /is sealed/);
});

/** Whoever acts has a key and nothing else. */
async function acts(act: Omit<Act, 'account' | 'nonce' | 'deadline'>, key: Uint8Array, permit = false) {
  const { chain, contracts } = served.node.genesis;
  const account = addressOfPrivateKey(key);
  const deadline = BigInt(Math.floor(served.parts.world.now() / 1000) + 600);
  const whole = { ...act, account, nonce: BigInt(deadline), deadline } as Act;
  const signature = signDigest(digestOf(chain.chainId, contracts, whole), key);
  const json = Object.fromEntries(
    Object.entries(whole).map(([name, value]) => {
      if (name === 'nonce') return [name, (value as bigint).toString(16).padStart(64, '0')];
      if (name === 'agreement') return [name, (value as string).slice(2)];
      return [name, typeof value === 'bigint' ? Number(value) : value];
    }),
  );
  const { tokenName, permitNonce } = await served.get<{ tokenName: string; permitNonce: string }>(
    `/api/v1/accounts/${account}`,
  );
  const domain = { chainId: chain.chainId, verifyingContract: contracts.token, name: tokenName };
  const given = permit && {
    deadline: Number(deadline),
    signature: signDigest(
      permitDigest(
        {
          owner: account,
          spender: contracts.accounts,
          value: (act as unknown as { amount: bigint }).amount,
          nonce: BigInt(permitNonce),
          deadline,
        },
        domain,
      ),
      key,
    ),
  };
  await post('/acts', { act: json, signature, ...(given && { permit: given }) }, anonymous);
  await served.settling.settle();
}

test('its payer brings money, what is owed is paid, and a party ends it', async () => {
  const [agreement] = await agreements();
  assert.ok(agreement);
  const [{ id, links } = { id: '', links: [] }] = await served.get<ProposalView[]>('/api/v1/proposals');
  const code = links
    .find(({ role }) => role === 'payer')
    ?.path.split('/')
    .at(-1);
  await served.settling.settle();
  for (let times = 0; times < 2; times++)
    assert.deepEqual(await post(`/signing/${id}/practice`, { code }, anonymous), { amount: 1_000 });
  const { contracts } = served.node.genesis;
  await acts({ kind: 'deposit', token: contracts.token, amount: 1_000n } as never, payer, true);
  const until = BigInt(Math.ceil(agreement.policy.period.endMs / 1000));
  const on: Hex = `0x${agreement.id}`;
  const limits = { perObligation: 50n, perPeriod: 0n, period: 0n, amount: 1_000n, from: 0n, until };
  await acts({ kind: 'authorize', agreement: on, ...limits } as never, payer);
  assert.equal((await agreements())[0]?.locked, 1_000);
  const { parts } = served;
  await parts.say([{ atMs: parts.world.now() - T0 + 1_000 }]);
  await parts.decideAt(parts.world.now() - T0 + 12_000);
  await served.settling.settle();
  const { items } = await served.get<{ items: { state: string; amount: number }[] }>('/api/v1/payments');
  assert.deepEqual(
    items.map(({ state }) => state),
    ['paid'],
  );

  const fromMs = parts.world.now();
  const endOf = (at: number, role: string, key: Uint8Array) => {
    const digest = policyEndDigest(fromHex(agreement.id), at, agreement.policy.money);
    return { fromMs: at, reason: 'Sold', role, signature: signDigest(digest, key) };
  };
  const end = endOf(fromMs, 'recipient', recipient);
  const at = `/agreements/${agreement.id}/end`;
  // Who is paid by it, or pays, does not keep the other from ending it by an end that lies far ahead.
  const { endMs } = agreement.policy.period;
  await refused(at, endOf(Number.MAX_SAFE_INTEGER, 'payer', payer), 'invalid', /ends before that/, anonymous);
  await post(at, endOf(endMs - 1, 'payer', payer), anonymous);
  await refused(at, endOf(endMs - 1, 'payer', payer), 'conflict', /ended before/, anonymous);
  for (let times = 2; times <= 8; times++) await post(at, endOf(endMs - times, 'payer', payer), anonymous);
  await refused(at, endOf(endMs - 9, 'payer', payer), 'conflict', /too often/, anonymous);
  await refused(at, { ...end, role: 'payer' }, 'bad-signature', /account of the payer/, anonymous);
  await post(at, end, anonymous);
  await refused(at, end, 'conflict', /ended before/, anonymous);
  const [ended] = await agreements();
  assert.deepEqual([ended?.standing, ended?.end?.by, ended?.end?.reason], ['ended', 'recipient', 'Sold']);
  // Who signed sees it where it signed.
  const seen = await served.get<SigningView>(`/api/v1/signing/${id}?code=${code}`);
  assert.deepEqual(seen.end, { fromMs, reason: 'Sold', by: 'recipient' });
  await parts.say([{ atMs: fromMs - T0 + 30_000 }]);
  const decided = await parts.decideAt(fromMs - T0 + 60_000);
  assert.ok(decided.every(({ obligation }) => obligation.fromMs < (ended?.end?.fromMs as number)));
});

test('a monitor ends by the word of the operator', async () => {
  const { policy } = await post<{ policy: string }>('/monitors', {
    ...{ subject: 'thing/1', domain: 'counting', title: 'Watched', terms: { thing: 'thing/1' } },
  });
  const end = { reason: 'Replaced by another' };
  assert.equal((await served.post(`/api/v1/monitors/${policy}/end`, end, anonymous)).status, 401);
  await post(`/monitors/${policy.slice(0, 12)}/end`, end);
  await refused(`/monitors/${policy}/end`, end, 'conflict', /ended before/);
  await refused(`/monitors/${'0'.repeat(64)}/end`, end, 'not-found', /No such/);
});
