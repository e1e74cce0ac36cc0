// The whole command line against one real node. The tests run in their order and build on one another.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { FsckReport } from '@trine/log/fsck/report.ts';
import { openStore } from '@trine/node/projections/tables/store.ts';
import type { Report } from '@trine/protocol';
import type { Command } from 'commander';
import { alerts } from './alerts.ts';
import { device } from './device.ts';
import { evidence } from './evidence.ts';
import { forecast } from './forecast.ts';
import { forget } from './forget.ts';
import { fsck } from './fsck.ts';
import type { ImportSummary } from './import/run.ts';
import { importCsv } from './import.ts';
import { explain, label } from './label.ts';
import { model } from './model.ts';
import { pseudonym } from './pseudonym.ts';
import { publish } from './publish.ts';
import { rebuild } from './rebuild.ts';
import { recover } from './recover.ts';
import { replay } from './replay.ts';
import { Bench } from './testing.ts';
import { up } from './up.ts';
import { verify } from './verify.ts';
import { watch } from './watch.ts';

const bench = new Bench();
before(() => bench.up());
after(() => bench.close());

const path = (name: string) => join(bench.home, name);
const times = (count: number) =>
  Array.from({ length: count }, (_, i) => new Date(Date.UTC(2024, 0, 1) + i * 1000).toISOString());

interface DeviceRow {
  readonly subject: string;
  readonly class: string;
  readonly keyOwner: string;
  readonly readings: number;
  readonly flags: Record<string, number>;
}
const deviceRow = async (subject: string) =>
  (await bench.api<{ items: DeviceRow[] }>('devices?limit=1000')).items.find((row) => row.subject === subject);
/** The row of a thing once all its readings are in the tables, which follow the log a moment later. */
const deviceWith = (subject: string, readings: number) =>
  bench.until(async () => {
    const row = await deviceRow(subject);
    assert.ok((row?.readings ?? 0) <= readings, `no more than ${readings} readings of ${subject}`);
    return row?.readings === readings ? row : undefined;
  });

/** `--help` of a command and of those below it, as it is printed. */
function helps(command: Command): string[] {
  if (command.commands.length > 0) return command.commands.flatMap(helps);
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return [text];
}

test('every command explains itself, with examples and exit statuses; wrong usage is 2', async () => {
  const all = [up, importCsv, publish, evidence, verify, replay, forget, recover, pseudonym, fsck, rebuild];
  const commands = all.flatMap(helps);
  for (const text of [...commands, ...helps(device), ...helps(label), ...helps(explain), ...helps(forecast)])
    assert.match(text, /Examples?:\n {2}trine /);
  for (const text of commands) assert.match(text, /Exit\s+status/);
  assert.equal(helps(device).length, 4);
  const program = await bench.trine(['--help']);
  for (const command of [
    up,
    device,
    importCsv,
    publish,
    evidence,
    verify,
    explain,
    label,
    replay,
    model,
    watch,
    alerts,
    forecast,
    forget,
    fsck,
    rebuild,
  ])
    assert.match(program.out, new RegExp(`^ {2}${command.name()} `, 'm'));
  for (const args of [['frob'], ['device', 'enrol', 'x']]) assert.equal((await bench.trine(args)).status, 2);
});

test('import: a wide table becomes readings in the log, what cannot be read is counted', async () => {
  const rows = times(250).map((time, i) => `${time},${20 + i / 100},${i % 3}`);
  rows[7] = `${times(8)[7]},broken,`;
  const file = bench.file('roof.csv', ['time,temp (°C),rain', ...rows].join('\n'));
  const dry = await bench.trine(['import', file, '--dry-run']);
  assert.match(dry.words, /quantities +inferred +temp \(°C\) as temp in Cel; rain \(no unit\)/);
  assert.match(dry.out, /2024-01-01T00:00:00.000Z +import\/roof +temp +20 Cel/);
  const ran = await bench.trine(['import', file, '--json']);
  assert.equal(ran.status, 0, ran.words);
  const summary = ran.json<ImportSummary>();
  assert.deepEqual([summary.readings, summary.acknowledged, summary.packs], [498, 498, 5]);
  assert.deepEqual(summary.files[0]?.left['no number'], { count: 1, examples: ['row 9, temp (°C): "broken"'] });
  assert.equal(summary.files[0]?.left['no value']?.count, 1);
  await deviceWith('import/roof', 498);
  const listed = (await bench.trine(['device', 'list', '--json'])).json<DeviceRow[]>();
  const row = listed.find(({ subject }) => subject === 'import/roof');
  assert.deepEqual([row?.class, row?.keyOwner, row?.readings], ['imported', 'importer/import', 498]);
});

test('import: a row of many quantities fills a pack and goes on', async () => {
  const columns = Array.from({ length: 36 }, (_, i) => `lot-${i}`);
  const rows = times(25).map((time, i) => [time, ...columns.map((_, k) => (i + k) / 100)].join(','));
  const file = bench.file('lots.csv', [['time', ...columns].join(','), ...rows].join('\n'));
  const ran = await bench.trine(['import', file, '--json']);
  assert.equal(ran.status, 0, ran.words);
  assert.equal(ran.json<ImportSummary>().readings, 25 * 36);
});

test('import again: nothing is taken twice', async () => {
  const summary = (await bench.trine(['import', path('roof.csv'), '--json'])).json<ImportSummary>();
  assert.deepEqual([summary.readings, summary.alreadyImported, summary.packs], [0, 498, 0]);
  await deviceWith('import/roof', 498);
});

test('several files in one import: each goes on by itself, also about the same subject', async () => {
  const rows = times(450).map((time, i) => `${time},${i}`);
  const files = ['a', 'b', 'c'].map((name, i) =>
    bench.file(`${name}.csv`, ['time,level', ...rows.slice(150 * i, 150 * (i + 1))].join('\n')),
  );
  const args = ['import', ...files, '--subject', 'several/one', '--json'];
  const first = (await bench.trine(args)).json<ImportSummary>();
  assert.deepEqual([first.readings, first.acknowledged], [450, 450]);
  const second = (await bench.trine(args)).json<ImportSummary>();
  assert.deepEqual([second.readings, second.alreadyImported], [0, 450]);
  const row = await deviceWith('several/one', 450);
  assert.deepEqual(row.flags, { gap: 0, reordered: 0, fork: 0, clone: 0 });
});

test('import interrupted by Ctrl-C and run again: every reading once, in one unbroken chain', async () => {
  const file = bench.file('slow.csv', ['time,level', ...times(300).map((time, i) => `${time},${i}`)].join('\n'));
  const args = ['import', file, '--subject', 'slow/{file}', '--pack', '7', '--json'];
  const first = await bench.trine([...args, '--speed', '50'], {
    interruptWhen: async () => ((await deviceRow('slow/slow'))?.readings ?? 0) > 0,
  });
  assert.equal(first.status, 130, first.words);
  const part = first.json<ImportSummary>();
  assert.ok(part.interrupted && part.readings > 0 && part.readings < 300 && part.acknowledged === part.readings);
  const second = (await bench.trine(args)).json<ImportSummary>();
  assert.equal(second.alreadyImported, part.readings);
  assert.equal(second.readings, 300 - part.readings);
  const row = await deviceWith('slow/slow', 300);
  assert.deepEqual(row.flags, { gap: 0, reordered: 0, fork: 0, clone: 0 });
});

test('import: what the node refuses is said, and the status is 1', async () => {
  const file = bench.file('odd.csv', `time,temp\n${times(3)[2]},294\n`);
  const ran = await bench.trine(['import', file, '--subject', 'import/roof', '--unit', 'K', '--as', 'odd']);
  assert.equal(ran.status, 1);
  assert.match(ran.out, /1 reading in 1 pack was refused by the node: wrong-unit/);
});

let reading = '';
test('device and publish: an enrolled key is taken over MQTT and HTTP, another is not, a revoked one no more', async () => {
  const key = path('devices/m7.pem');
  const made = (await bench.trine(['device', 'key', 'm7', '--es256', '--json'])).json<{ key: string; file: string }>();
  assert.equal(made.file, key);
  assert.match(made.key, /^did:key:zDn/);
  const publish = ['publish', '--subject', 'meters/7', '--key', key];
  const early = await bench.trine([...publish, 'power=230:W', '--json']);
  assert.deepEqual([early.status, early.json<{ reason: string }>().reason], [1, 'unknown-key']);
  assert.match(early.words, /trine device enrol meters\/7/);
  assert.equal((await bench.trine(['device', 'enrol', 'meters/7', '--key', key])).status, 0);
  const over = await bench.trine([...publish, 'power=231:W', 'open=true', '--json']);
  const { id, verdict } = over.json<{ id: string; verdict: string }>();
  assert.deepEqual([over.status, verdict], [0, 'sealed']);
  reading = id;
  assert.match((await bench.trine([...publish, '--http', 'power=232:W'])).out, /sealed as leaf \d+$/m);
  const lines = '{"n":"power","u":"W","t":1700000000,"v":1}\n[{"n":"power","u":"W","t":1700000001,"v":2}]\n';
  assert.equal((await bench.trine([...publish, '--stdin'], { input: lines })).out.match(/sealed/g)?.length, 2);
  const odd =
    'no JSON\n[{"bn":"meters/7:","n":"power","u":"W","t":-1,"v":3},{"n":"p","u":"bar","v":4}]\n{"bn":"else","n":"x","v":1}\n';
  const some = await bench.trine([...publish, '--stdin'], { input: odd });
  assert.deepEqual([some.status, some.out.match(/sealed/g)?.length], [1, 1]);
  assert.match(some.words, /Line 1 is no SenML.*Line 2, record 2: it has the unit "bar".*Line 3: "elsex" names no/s);
  // One of before it was enrolled went with the next.
  const row = await deviceWith('meters/7', 7);
  assert.deepEqual(row.flags, { gap: 0, reordered: 0, fork: 0, clone: 0 });
  assert.equal((await bench.trine(['device', 'revoke', key, '--reason', 'test'])).status, 0);
  const late = await bench.trine([...publish, 'power=233:W']);
  assert.deepEqual(
    [late.status, /refused: revoked-key \(signed by a key that was revoked\)/.test(late.out)],
    [1, true],
  );
});

test('a stranger books from the command line: a request, accepted, begun and ended', async () => {
  const command = /npx trine ([^\n]*(?:\\\n[^\n]*)*)/g;
  const page = readFileSync(new URL('../domains/booking/README.md', import.meta.url), 'utf8');
  assert.ok([...page.matchAll(command)].some(([, text]) => text?.startsWith('watch add booking station/1')));
  const said = async (...given: string[]) => {
    const answer = await bench.trine(given);
    assert.equal(answer.status, 0, answer.words + answer.out);
    return answer;
  };
  await said(
    ...['watch', 'add', 'booking', 'station/1', '--resources', '["bicycle/*"]', '--price-per-unit', '25'],
    ...['--openers', '[{"subjects":"person/*","openMax":1}]', '--deposit', '2000', '--currency', 'EUR'],
    ...['--grace', '1s'],
  );
  for (const [name, subject] of [
    ['ada', 'person/7f3a'],
    ['bike', 'bicycle/1'],
  ] as const) {
    await said('device', 'key', name);
    await said('device', 'enrol', subject, '--key', path(`devices/${name}.pem`));
  }
  const tells = async (name: string, subject: string, type: string, body: object) => {
    const key = path(`devices/${name}.pem`);
    const event = ['--event', `application/vnd.trine.${type}+json`, '--body', JSON.stringify(body)];
    return (await said('publish', '--subject', subject, '--key', key, ...event, '--json')).json<{ id: string }>().id;
  };
  const wish = { resource: 'bicycle/1', latestStartMs: Date.now() + 600_000, minutes: 30 };
  const opening = await tells('ada', 'person/7f3a', 'booking', wish);
  await tells('bike', 'bicycle/1', 'session-start', { opening });
  await tells('bike', 'bicycle/1', 'session-end', { opening });
  const verdicts = await bench.until(async () => {
    const found = await bench.api<{ items: { domain: string; trigger: string; verdict: string }[] }>('decisions');
    const own = found.items.filter(({ domain }) => domain === 'booking').map((one) => `${one.trigger} ${one.verdict}`);
    return own.length === 2 ? own.sort() : undefined;
  });
  assert.deepEqual(verdicts, ['request accepted', 'session released']);
  const file = path('body.json');
  writeFileSync(file, JSON.stringify(wish));
  const ada = ['publish', '--subject', 'person/7f3a', '--key', path('devices/ada.pem')];
  await said(...ada, '--event', 'application/json', '--body', `@${file}`, '--http');
  for (const wrong of [['--event', 'text/plain'], ['--event', 'text/plain', '--body', '@nowhere'], []])
    assert.equal((await bench.trine([...ada, ...wrong])).status, 2, wrong.join(' '));
});

test('evidence of a reading: trusted 0, unpinned 3, tampered 1, unreadable 2', async () => {
  const file = path('reading.trine');
  assert.equal((await bench.trine(['evidence', reading.slice(0, 12), '-o', file])).status, 0);
  const pinned = ['--network', path('network.json')];
  const trusted = await bench.trine(['verify', file, ...pinned]);
  assert.equal(trusted.status, 0, trusted.out);
  assert.match(trusted.out, /✓ Every statement is signed by the key it names/);
  assert.match(trusted.out, /^TRUSTED/m);
  const table = path('readings.csv');
  const written = await bench.trine(['verify', file, ...pinned, '--readings', table]);
  assert.equal(written.status, 0, written.out);
  const rows = readFileSync(table, 'utf8').trim().split('\r\n');
  assert.equal(rows.length - 1, Number(written.out.match(/(\d+) readings? in 1 pack/)?.[1]));
  assert.equal((await bench.trine(['verify', path('network.json')])).status, 2);
  assert.equal((await bench.trine(['verify', file, ...pinned, '--witness', 'nobody'])).status, 2);
  const loose = await bench.trine(['verify', file, '--json']);
  assert.deepEqual([loose.status, loose.json<Report>().verdict], [3, 'consistent']);
  const bytes = readFileSync(file);
  bytes[bytes.length - 40] = (bytes.at(-40) as number) ^ 1;
  const bad = await bench.trine(['verify', bench.file('bad.trine', bytes), ...pinned]);
  assert.equal(bad.status, 1);
  assert.match(bad.out, /^✗ /m);
  assert.match(bad.out, /^BROKEN/m);
  assert.equal((await bench.trine(['verify', path('none.trine')])).status, 2);
  assert.equal((await bench.trine(['verify', file, '--network', file])).status, 2);
  assert.equal((await bench.trine(['evidence', 'ab'.repeat(32)])).status, 1);
});

test('a pause becomes a payment: its evidence verifies with replay, and the decision is recomputed bit for bit', async () => {
  await bench.api('device/pause', 'POST');
  const payment = await bench.until(async () =>
    (await bench.api<{ items: { id: string; decision: string; state: string }[] }>('payments')).items.find(
      ({ state }) => state === 'paid',
    ),
  );
  await bench.api('device/resume', 'POST');
  const file = path('payment.trine');
  await bench.until(async () =>
    (await bench.trine(['evidence', payment.id, '-o', file])).status === 0 ? true : undefined,
  );
  const verified = await bench.trine(['verify', file, '--network', path('network.json'), '--json']);
  assert.equal(verified.status, 5, verified.out);
  const report = verified.json<Report>();
  assert.deepEqual([report.about, report.verdict], ['payment', 'members-word']);
  assert.match(report.steps.find(({ name }) => name === 'replay')?.detail ?? '', /computed again/);
  const trusting = await bench.trine(['verify', file, '--no-replay']);
  assert.match(trusting.out, /^– The decision was computed again/m);
  assert.match(trusting.out, /not computed again here/);
  const again = await bench.trine(['replay', payment.decision.slice(0, 16), '--json']);
  assert.equal(again.status, 0, again.words);
  const { recorded, replayed, differences } = again.json<{
    recorded: string;
    replayed: string;
    differences: unknown[];
  }>();
  assert.deepEqual([recorded, replayed, differences], [payment.decision, payment.decision, []]);
  assert.equal((await bench.trine(['replay', '--file', file])).status, 0);
  assert.equal((await bench.trine(['replay', '--file', path('reading.trine')])).status, 2);
});

test('forget: the values are gone, that they were there can still be proven, and it is done once', async () => {
  const subject = 'import/lots';
  const pack = (
    await bench.api<{ items: { id: string; leaf: number; kind: string }[] }>(`seals?subject=${subject}`)
  ).items.find(({ kind }) => kind === 'pack');
  assert.ok(pack);
  assert.equal((await bench.trine(['evidence', pack.id, '-o', path('lots.trine')])).status, 0);
  assert.equal((await bench.trine(['forget', subject])).status, 2, 'a reason is asked for');
  const done = await bench.trine(['forget', subject, '--reason', 'Asked for', '--by', 'Ada']);
  assert.equal(done.status, 0, done.words);
  assert.match(done.out, /^Erased \d+ bodies about import\/lots: .* Certified at leaf \d+\.$/m);
  assert.match(done.out, /Copies that others made, backups and evidence files included, are theirs\.$/m);
  const streams = await bench.api<{ readings: number; lastValue?: number }[]>(`streams?subject=${subject}`);
  assert.ok(
    streams.length > 0 && streams.every(({ readings, lastValue }) => readings === 0 && lastValue === undefined),
  );
  const proof = await bench.trine(['evidence', pack.id]);
  assert.deepEqual(
    [proof.status, /were erased: that they were sealed can be shown/.test(proof.words)],
    [1, true],
    proof.words,
  );
  assert.match(await bench.text(`receipts/${pack.leaf}`), /^c2sp\.org\/tlog-proof/);
  const handedOut = await bench.trine(['verify', path('lots.trine'), '--network', path('network.json')]);
  assert.equal(handedOut.status, 0, 'a proof that was handed out before is beyond reach, and holds');
  const again = await bench.trine(['forget', subject, '--reason', 'Asked for']);
  assert.deepEqual([again.status, /There is nothing of import\/lots to erase/.test(again.words)], [1, true]);
});

test('fsck: the log holds, from its folder and over HTTP', async () => {
  const [local, remote] = await Promise.all([bench.trine(['fsck', '--json']), bench.trine(['fsck', bench.logUrl])]);
  assert.equal(local.status, 0, local.out);
  assert.equal(remote.status, 0, remote.out);
  const report = local.json<FsckReport & { statements: { kinds: Record<string, number> } }>();
  assert.equal(
    Object.values(report.statements.kinds).reduce((sum, count) => sum + count, 0),
    report.size,
  );
});

/** Every row of every table, numbers of chains and streams replaced by what they stand for. */
async function tables(): Promise<Record<string, unknown[]>> {
  const store = await openStore(path('store/views.duckdb'));
  const queries = {
    statements:
      'SELECT s.* EXCLUDE (sequence), key_owner, subject FROM statements s JOIN sequences USING (sequence) ORDER BY leaf',
    readings:
      'SELECT leaf, event_ms, value, subject, quantity, unit FROM readings JOIN streams USING (stream) ORDER BY ALL',
    decisions: 'SELECT * FROM decisions ORDER BY leaf',
    states: 'SELECT * FROM states ORDER BY leaf',
    alerts: 'SELECT * FROM alerts ORDER BY leaf',
    intents: 'SELECT * FROM intents ORDER BY leaf',
    settlements: 'SELECT * FROM settlements ORDER BY leaf',
    position: 'SELECT * FROM position',
  };
  const found: Record<string, unknown[]> = {};
  for (const [name, sql] of Object.entries(queries)) found[name] = await store.query(sql);
  await store.close();
  return found;
}

test('rebuild, and a second node: refused while the node runs; rebuilt, the tables are the same, row by row', async () => {
  const early = await bench.trine(['rebuild']);
  assert.deepEqual([early.status, /stop it first/.test(early.words)], [2, true]);
  const second = await bench.trine(['up', '--port', '0', '--mqtt-port', '0']);
  assert.deepEqual([second.status, /stop it first/.test(second.words)], [2, true], second.words);
  assert.equal(await bench.down(), 0);
  assert.equal(existsSync(path('node.json')), false);
  const before = await tables();
  const rebuilt = await bench.trine(['rebuild', '--json']);
  assert.equal(rebuilt.status, 0, rebuilt.words);
  const after = await tables();
  for (const name of Object.keys(before)) {
    assert.ok((before[name] as unknown[]).length > 0, `${name} holds something`);
    assert.deepEqual(after[name], before[name], name);
  }
  const gone = await bench.trine(['device', 'list']);
  assert.deepEqual([gone.status, /No node answers.*trine up/.test(gone.words)], [2, true]);
});

test('fsck: a copy with one bit changed is found out, in the tree and in the statement', async () => {
  const copy = path('copy');
  cpSync(path('log/public'), copy, { recursive: true });
  const size = readFileSync(join(copy, 'checkpoint'), 'utf8').split('\n')[1];
  const bundle = join(copy, Number(size) >= 256 ? 'tile/entries/000' : `tile/entries/000.p/${size}`);
  const bytes = readFileSync(bundle);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  writeFileSync(bundle, bytes);
  const changed = await bench.trine(['fsck', copy]);
  assert.equal(changed.status, 1, changed.out);
  assert.match(changed.out, /✗ leaf \d+: /);
  assert.match(changed.out, /✗ tile\//);
});

const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => join(folder, 'node'))
  .find((node) => {
    const version = existsSync(node) ? spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout : '';
    return version !== '' && Number(version.slice(1).split('.')[0]) < 24;
  });
test('the launcher runs under an older Node of the system', {
  skip: oldNode === undefined ? 'the system has no older Node' : false,
}, () => {
  const launcher = fileURLToPath(new URL('./bin/trine.js', import.meta.url));
  const ran = spawnSync(oldNode as string, [launcher, 'verify', path('payment.trine')], { encoding: 'utf8' });
  assert.equal(ran.status, 3, ran.stderr);
  assert.match(ran.stdout, /^CONSISTENT, NOT PINNED/m);
});
