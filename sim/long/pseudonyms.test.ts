// What an adversary can tell who reads every tile and the whole chain: that somebody booked, when, and where one session
// ended. Not that two sessions are of one person. It looks for anything at all that two of them have in common, byte by
// byte and in every field there is, so that a new field that gives people away is found as well.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pseudonymOf } from '@trine/device/pseudonyms.ts';
import { fsck } from '@trine/log/fsck/fsck.ts';
import { monitorOf } from '@trine/node/decide/monitor.ts';
import { decisionAt } from '@trine/node/decide/states.ts';
import {
  decodeLeaf,
  detachBody,
  didKey,
  fromHex,
  keyThumbprint,
  parseStatement,
  type Signer,
  type Statement,
  sha256,
  signStatement,
  toHex,
  toUtf8,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { type Platform, startPlatform, until as untilWithin } from '../platform.ts';

const ADA = 'member/ada-lovelace';
const EVE = 'member/eve';
const until = <T>(what: string, ask: () => Promise<T | undefined>) => untilWithin(what, ask, 120_000);
const limits = { perPersonMax: 1, idleMs: 300, unusedMs: 3_000 };
let platform: Platform;
let policy: string;
const bicycle = new (class Bicycle {
  readonly signer = temporarySigner();
  readonly said: Statement[] = [];
})();

before(async () => {
  const home = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ pseudonyms: limits }));
  // The first agreement of the installation shall not be in the way.
  platform = await startPlatform(home, { windowMs: 600_000 });
  const { node } = platform;
  const key = didKey(bicycle.signer.publicKey);
  await node.enrol('bicycle/1', { key, name: 'Bicycle', class: 'software', subjects: ['bicycle/1'] });
  const terms = {
    resources: ['bicycle/*'],
    openers: [{ subjects: 'person/*' }],
    longestMs: 3_600_000,
    pricePerUnit: 25,
    deposit: 2_000,
    graceMs: 200,
  };
  const wish = { subject: 'station/1', domain: 'booking', title: 'Bicycles', currency: 'EUR', terms };
  policy = (await node.decisions.propose(monitorOf(node, wish, Date.now() - 1_000))).hash;
});
after(() => platform.remove());

async function tell(signer: Signer, subject: string, said: readonly Statement[], type: string, body: object) {
  const { commitment, disclosure } = detachBody(toUtf8(JSON.stringify(body)));
  const prev = said.at(-1)?.id;
  const statement = await signStatement(signer, {
    kind: 'event',
    subject,
    network: platform.node.genesis.network.id,
    epoch: 0,
    seq: said.length,
    ...(prev && { prev }),
    clock: 'synchronised',
    class: 'software',
    contentType: `application/vnd.trine.${type}+json`,
    sealed: true,
    payload: commitment,
  });
  const { answers } = await platform.node.ingest.submit([{ statement: statement.bytes, disclosure }], subject);
  assert.equal(answers[0]?.verdict, 'sealed', JSON.stringify(answers[0]));
  return statement;
}

interface Session {
  readonly subject: string;
  readonly signer: Signer;
  readonly opening: Statement;
}

/** From the request to the end of the session. @param before what the same sequence said before */
async function ride(signer: Signer, subject: string, before: readonly Statement[] = []): Promise<Session> {
  const wish = { resource: 'bicycle/1', latestStartMs: Date.now() + 12_000, minutes: 10 };
  const opening = await tell(signer, subject, before, 'booking', wish);
  const { node } = platform;
  const id = hexOf(opening.id);
  const own = async (trigger: string) =>
    (await node.views.decisions({ limit: 1_000, policy })).items.find(
      ({ trigger: of, leaf }) => of === trigger && hexOf(decisionAt(node.log, leaf).obligation.about ?? []) === id,
    );
  assert.equal((await until('an answer', () => own('request'))).verdict, 'accepted');
  for (const type of ['session-start', 'session-end'])
    bicycle.said.push(await tell(bicycle.signer, 'bicycle/1', bicycle.said, type, { opening: toHex(opening.id) }));
  assert.equal((await until('the end', () => own('session'))).verdict, 'released');
  return { subject, signer, opening };
}

/** A person rides under the pseudonym of one session, and waits until that is over. */
async function session(person: string, secret: Uint8Array, n: number): Promise<Session> {
  const { node } = platform;
  const of = { network: node.genesis.network.id, purpose: policy, session: n };
  const { subject, signer } = pseudonymOf(secret, of, 'person/');
  await node.pseudonyms.open({ person, key: didKey(signer.publicKey), subject });
  return ride(signer, subject);
}

const isOver = (person: string) =>
  until('the pseudonym is over', async () =>
    (await platform.node.pseudonyms.of(person)).every(({ isLive }) => !isLive) ? true : undefined,
  );

/** Everything public: each leaf of the tiles, and each transaction with what it logged. */
async function everythingPublic(): Promise<Uint8Array[]> {
  const { node, home } = platform;
  const found: Uint8Array[] = [];
  const vkey = node.genesis.network.members[0]?.logs[0]?.vkey as string;
  await fsck(join(home, 'log', 'public'), vkey, { onLeaf: (_, leaf) => void found.push(Uint8Array.from(leaf)) });
  const { request } = node.genesis.chain;
  const newest = Number(await request({ method: 'eth_blockNumber' }));
  for (let n = 0; n <= newest; n++) {
    const block = (await request({ method: 'eth_getBlockByNumber', params: [`0x${n.toString(16)}`, true] })) as {
      transactions: { hash: string; from: string; to: string | null; input: string }[];
    };
    for (const { hash, from, to, input } of block.transactions) {
      const receipt = (await request({ method: 'eth_getTransactionReceipt', params: [hash] })) as {
        logs: { topics: string[]; data: string }[];
      };
      const logged = receipt.logs.flatMap(({ topics, data }) => [...topics, data]);
      found.push(fromHex([from, to ?? '', input, ...logged].map((hex) => hex.slice(2)).join('')));
    }
  }
  return found;
}

const hexOf = (bytes: Uint8Array | readonly number[]) => Buffer.from(bytes).toString('hex');
const WINDOW_BYTES = 8;
const KNOWN_BYTES = 6;

/** Every run of bytes: any field of any form is made of them. */
function runsOf(items: readonly Uint8Array[], length = WINDOW_BYTES): Set<string> {
  const runs = new Set<string>();
  for (const item of items) {
    const hex = hexOf(item);
    for (let at = 0; at + 2 * length <= hex.length; at += 2) runs.add(hex.slice(at, at + 2 * length));
  }
  return runs;
}

/** What names a session: its pseudonym, its key, their hashes, and what it said. */
function marksOf({ subject, signer, opening }: Session): string[] {
  const { publicKey } = signer;
  const named = [toUtf8(subject), sha256(toUtf8(subject)), publicKey.raw, keyThumbprint(publicKey), opening.id];
  return [...named.map(hexOf), hexOf(toUtf8(didKey(publicKey)))];
}

/**
 * What two sessions have in common, and neither the session of another nor anything about no session has.
 * @param marks of each of the two, and of the other
 */
function inCommon(items: readonly Uint8Array[], marks: readonly [string[], string[], string[]]): string[] {
  const isOf = (item: Uint8Array, own: readonly string[]) => own.some((mark) => hexOf(item).includes(mark));
  const [one, two] = marks.map((own) => runsOf(items.filter((item) => isOf(item, own)))) as [Set<string>, Set<string>];
  // What others have but for a byte or two at its edge is chance: a hash may end with any byte.
  const others = items.filter((item) => isOf(item, marks[2]) || !marks.some((own) => isOf(item, own)));
  const known = runsOf(others, KNOWN_BYTES);
  const isKnown = (run: string) => [0, 1, 2].some((skip) => known.has(run.slice(2 * skip, 2 * (skip + KNOWN_BYTES))));
  return [...one].filter((run) => two.has(run) && !isKnown(run));
}

test('from tiles and chain alone two sessions of one person cannot be linked; the node, with bodies, can', async () => {
  const { node } = platform;
  const [ada, eve] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const first = await session(ADA, ada, 0);
  const early = pseudonymOf(ada, { network: node.genesis.network.id, purpose: policy, session: 9 }, 'person/');
  await assert.rejects(
    node.pseudonyms.open({ person: ADA, key: didKey(early.signer.publicKey), subject: early.subject }),
    { code: 'conflict' },
    'one at once',
  );
  await isOver(ADA);
  const other = await session(EVE, eve, 0);
  await isOver(EVE);
  const second = await session(ADA, ada, 1);
  await isOver(ADA);
  await assert.rejects(
    node.pseudonyms.open({ person: EVE, key: didKey(second.signer.publicKey), subject: 'person/x' }),
    { code: 'conflict' },
    'no key twice',
  );
  // One who takes no care speaks twice under one name: then the same look finds it.
  const careless = temporarySigner();
  await node.enrol('person/bob', {
    key: didKey(careless.publicKey),
    name: 'Pseudonym',
    class: 'software',
    subjects: ['person/bob'],
  });
  const once = await ride(careless, 'person/bob');
  const again = await ride(careless, 'person/bob', [once.opening]);

  // The registry on the chain repeats the keys a little later: there they count as well.
  const keys = [first, second].map(({ signer }) => hexOf(keyThumbprint(signer.publicKey)));
  const items = await until('keys on the chain', async () => {
    const all = await everythingPublic();
    return keys.every((key) => all.some((item) => hexOf(item).includes(key))) ? all : undefined;
  });
  const marks = (one: Session) => marksOf(one);
  const found = inCommon(items, [marks(first), marks(second), marks(other)]);
  assert.deepEqual(
    found.map((run) => Buffer.from(run, 'hex').toString('latin1')),
    [],
  );
  const opening = (one: Session) => [hexOf(one.opening.id)];
  assert.notEqual(inCommon(items, [opening(once), opening(again), marks(other)]).length, 0, 'the look finds nothing');
  assert.ok(items.every((item) => !hexOf(item).includes(hexOf(toUtf8('ada-lovelace')))));
  for (const { subject } of [first, second])
    assert.ok(items.filter((item) => hexOf(item).includes(hexOf(toUtf8(subject)))).length >= 4);

  const linked = (await node.pseudonyms.of(ADA)).map(({ subject }) => subject);
  assert.deepEqual(linked, [first.subject, second.subject].sort());

  const { bodies, leaf } = await node.forget(ADA, { reason: 'asked for', by: 'Operator' });
  assert.ok(bodies >= 8);
  assert.deepEqual(await node.pseudonyms.of(ADA), []);
  const later = await everythingPublic();
  assert.deepEqual(inCommon(later, [marks(first), marks(second), marks(other)]), [], 'forgotten together');
  const certificate = decodeLeaf(node.log.read(leaf));
  assert.ok(certificate.kind === 'statement');
  assert.match(parseStatement(certificate.statement).header.subject, /^erased\/[0-9a-f]{32}$/);
  await assert.rejects(node.forget(ADA, { reason: 'again', by: 'Operator' }), { code: 'not-found' });
});

test('a pseudonym that nobody uses is shut out; the same secret gives the same again, another session nothing of it', async () => {
  const { node } = platform;
  const secret = new Uint8Array(32).fill(3);
  const of = { network: node.genesis.network.id, purpose: policy, session: 0 };
  const one = pseudonymOf(secret, of, 'person/');
  assert.deepEqual(pseudonymOf(secret, of, 'person/').seed, one.seed);
  for (const changed of [{ session: 1 }, { purpose: 'another' }, { network: 'another' }]) {
    const next = pseudonymOf(secret, { ...of, ...changed }, 'person/');
    assert.notEqual(next.subject, one.subject);
    assert.notDeepEqual(next.signer.publicKey.raw, one.signer.publicKey.raw);
  }
  assert.throws(() => pseudonymOf(new Uint8Array(31), of, 'person/'), RangeError);
  await node.pseudonyms.open({ person: 'member/zoe', key: didKey(one.signer.publicKey), subject: one.subject });
  await isOver('member/zoe');
});
