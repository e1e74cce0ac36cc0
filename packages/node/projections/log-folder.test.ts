// A log read from its public files says the same as the node that wrote it; and says what it cannot read.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { replayPeriod, whatIf } from '@trine/engine';
import { decisionId, FormatError, obligationId, toHex } from '@trine/protocol';
import { BodyReader } from '../access/bodies.ts';
import { policyHmac } from '../access/salts.ts';
import { Parts } from '../testing/parts.ts';
import { T0 } from '../testing/world.ts';
import { type BodySource, type LogFolder, readLogFolder } from './log-folder.ts';
import type { LoggedPolicy } from './policies.ts';
import { NoNodeHereError, rebuildStore } from './rebuild.ts';
import { openStore } from './tables/store.ts';

let parts: Parts;
let home: string;
let logged: LoggedPolicy;
let bodies: BodyReader;
let size: number;

before(async () => {
  parts = await Parts.open();
  logged = await parts.propose(parts.agreement({ correctableMs: 60_000 }));
  await parts.say([{ atMs: 1_000 }, { atMs: 2_000, open: true }, { atMs: 11_000 }]);
  await parts.decideAt(21_500);
  await parts.say([
    { atMs: 22_000, ofMs: 12_000 },
    { atMs: 22_500, seq: 1 },
  ]);
  await parts.decideAt(34_000);
  await parts.does(parts.log.publish());
  ({ size } = parts.log);
  await parts.close();
  home = mkdtempSync(join(tmpdir(), 'trine-folder-'));
  const machine = mkdtempSync(join(tmpdir(), 'trine-disk-'));
  parts.world.copyTo(machine);
  cpSync(join(machine, 'node'), home, { recursive: true });
  rmSync(machine, { recursive: true });
  bodies = new BodyReader(join(home, 'bodies'));
});
after(() => {
  bodies.close();
  rmSync(home, { recursive: true });
});

const read = (given: BodySource = bodies, folder = join(home, 'log', 'public')): Promise<LogFolder> => {
  const { network, keys } = parts.genesis;
  return readLogFolder(folder, { network, bodies: given, hmac: policyHmac(keys.salts) });
};

test('policies, decisions, states, inputs and cuts are those of the node', async () => {
  const folder = await read();
  assert.equal(folder.size, size);
  assert.deepEqual(
    folder.policies.all().map(({ hash, index }) => [hash, index]),
    [[logged.hash, logged.index]],
  );
  assert.deepEqual(
    folder.decisions(logged.hash).map(({ decision }) => toHex(decisionId(decision))),
    parts.decided.map((decision) => toHex(decisionId(decision))),
  );
  for (const { cuts } of parts.decided) for (const { index, atMs } of cuts) assert.equal(folder.cutAt(atMs), index);
  assert.equal(folder.cutAt(0), 0);
  assert.equal(folder.cutAt(Number.POSITIVE_INFINITY), size);
  const { opened, erased, unreadable, forks } = await folder.inputs(['thing/1']);
  assert.equal(opened.length, 5);
  assert.deepEqual([erased, unreadable, forks.length], [[], [], 1], 'the second on its place has two sides');
  assert.deepEqual((await folder.inputs(['thing/2'])).opened, []);
  assert.equal(folder.states(logged.hash, size).size > 0, true);
  assert.equal(folder.states(logged.hash, 0).size, 0);
  assert.deepEqual(folder.rows(logged.hash, toHex(obligationId(parts.decided[0]?.obligation ?? assert.fail()))), []);
});

test('decided again from the files alone, everything comes out as it was decided', async () => {
  const asked = { policy: logged.policy, logged, fromMs: T0, toMs: T0 + 40_000 };
  const folder = await read();
  const same = whatIf(await replayPeriod(folder, parts.domains, { ...asked, change: {} }));
  assert.deepEqual([same.compared, same.alike, same.notComputed], [parts.decided.length, parts.decided.length, 0]);
  const dearer = whatIf(await replayPeriod(folder, parts.domains, { ...asked, change: { terms: { price: 7 } } }));
  assert.ok(dearer.amountAfter > dearer.amountBefore);
});

test('bodies that were erased are counted as such; a body that is another than was signed stops it', async () => {
  const folder = await read({ read: () => undefined });
  const { opened, erased } = await folder.inputs(['thing/1']);
  assert.deepEqual([opened.length, erased.length], [1, 4], 'one stands in the log itself');
  assert.equal(folder.states(logged.hash, size).size, 0);
  const swapped = await read({ read: (index) => bodies.read(index) && new Uint8Array(40) });
  await assert.rejects(swapped.inputs(['thing/1']), { code: 'damaged' });
});

test('a folder that is no log, of another network, or that lacks a file is refused with what to do', async () => {
  await assert.rejects(read(bodies, home), { code: 'not-found' });
  const other = { ...parts.genesis.network, members: [] };
  await assert.rejects(readLogFolder(join(home, 'log', 'public'), { network: other, bodies }), { code: 'invalid' });
  const copy = mkdtempSync(join(tmpdir(), 'trine-copy-'));
  cpSync(join(home, 'log', 'public'), copy, { recursive: true });
  rmSync(join(copy, 'tile', 'entries'), { recursive: true });
  await assert.rejects(read(bodies, copy), { code: 'damaged' });
  const checkpoint = join(copy, 'checkpoint');
  writeFileSync(checkpoint, readFileSync(checkpoint, 'utf8').replace(`\n${size}\n`, `\n${size + 1}\n`));
  await assert.rejects(read(bodies, copy), FormatError);
  rmSync(copy, { recursive: true });
});

test('the tables made again from log and bodies are those of the node; where no node is, nothing is made', async () => {
  const rows = async (store: Awaited<ReturnType<typeof openStore>>) => [
    await store.query('SELECT leaf, kind, seq, arrival_ms, flag, readings FROM statements ORDER BY leaf'),
    await store.query('SELECT leaf, stream, event_ms, value FROM readings ORDER BY leaf'),
    await store.query('SELECT leaf, verdict, outcome, amount, reason FROM decisions ORDER BY leaf'),
    await store.query('SELECT leaf, key FROM states ORDER BY leaf'),
  ];
  const seen: number[] = [];
  const rebuilt = await rebuildStore(home, (done) => seen.push(done));
  assert.deepEqual(rebuilt, { leaves: size, unread: 0 });
  assert.equal(seen.at(-1), size);
  const again = await openStore(join(home, 'store', 'views.duckdb'));
  const found = await rows(again);
  await again.close();
  const own = await parts.does(parts.world.openStore({ isOver: false }));
  assert.deepEqual(found, await parts.does(rows(own)));
  const empty = mkdtempSync(join(tmpdir(), 'trine-none-'));
  await assert.rejects(rebuildStore(empty), NoNodeHereError);
  cpSync(join(home, 'network.json'), join(empty, 'network.json'));
  await assert.rejects(rebuildStore(empty), /log key .* belongs to no log/);
  rmSync(empty, { recursive: true });
});
