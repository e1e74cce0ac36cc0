// The heart: evidence files made by a running node, verified, and then damaged in every way we can think of.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { installedDomains } from '@trine/domains/released.ts';
import { replayWith } from '@trine/engine';
import {
  decodeEvidence,
  type Evidence,
  type EvidenceLog,
  encodeEvidence,
  fromHex,
  type Report,
  verifyEvidence,
} from '@trine/protocol';
import fc from 'fast-check';
import { decided, type Platform, paid, startPlatform } from './platform.ts';

let platform: Platform;
const files: Record<'reading' | 'decision' | 'payment', Uint8Array> = {} as never;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.ROUNDS ?? 1);

const replay = replayWith(installedDomains());

function verify(file: Uint8Array, pinned = true): Promise<Report> {
  const { network } = platform.node.genesis;
  return verifyEvidence(file, { ...(pinned && { network }), replay });
}

before(async () => {
  platform = await startPlatform();
  const { node } = platform;
  const met = await decided(node, ({ verdict }) => verdict === 'met');
  files.decision = await node.evidence(fromHex(met.id));
  const pack = (await node.views.seals({ limit: 50, subject: node.ownDevice?.subject })).items.find(
    ({ kind }) => kind === 'pack',
  );
  files.reading = await node.evidence(fromHex(pack?.id as string));
  (node.ownDevice as { paused: boolean }).paused = true;
  const payment = await paid(node, ({ reason }) => reason.includes('came'));
  files.payment = await node.evidence(fromHex(payment.id));
});
after(() => platform?.remove());

test('a reading, a decision and a payment are proven: every step holds', async () => {
  for (const [about, file] of Object.entries(files)) {
    const report = await verify(file);
    assert.deepEqual(
      report.steps.filter(({ status }) => status !== 'ok'),
      [],
      about,
    );
    assert.equal(report.verdict, about === 'payment' ? 'members-word' : 'trusted');
    assert.equal(report.about, about);
    assert.equal((await verify(file, false)).verdict, 'consistent');
  }
});

test('a file under another version of the network document, or of another network, is called that', async () => {
  const other = { ...platform.node.genesis.network, name: 'Elsewhere' };
  const report = await verifyEvidence(files.payment, { network: other });
  assert.equal(report.verdict, 'another-branch');
  assert.equal(report.steps.find(({ status }) => status === 'failed')?.name, 'network');
  const stranger = { ...other, id: `trine:${'0'.repeat(32)}` };
  assert.equal((await verifyEvidence(files.payment, { network: stranger })).verdict, 'another-network');
});

async function assertBroken(file: Uint8Array, what: string): Promise<void> {
  for (const pinned of [true, false]) {
    const report = await verify(file, pinned);
    assert.ok(['broken', 'no-proof'].includes(report.verdict), `${what} (${pinned ? 'pinned' : 'unpinned'}) passed`);
    const failing = report.steps.filter(({ status }) => status === 'failed');
    assert.equal(failing.length, 1, `${what}: one step should be named`);
    assert.ok((failing[0]?.detail.length ?? 0) > 10, `${what}: the step should say why, not ${failing[0]?.detail}`);
  }
}

for (const about of ['reading', 'decision', 'payment'] as const) {
  test(`${about}: one bit flipped anywhere breaks it`, async () => {
    const file = files[about];
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.nat(7), async (at, bit) => {
        const flipped = file.slice();
        flipped[at] = (flipped[at] as number) ^ (1 << bit);
        await assertBroken(flipped, `bit ${bit} of byte ${at}`);
      }),
      { numRuns: 250 * rounds, seed },
    );
  });

  test(`${about}: bytes dropped, doubled, swapped or spliced from another file break it`, async () => {
    const file = files[about];
    const other = about === 'payment' ? files.decision : files.payment;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('drop', 'double', 'swap', 'splice', 'cut'),
        fc.nat(file.length - 1),
        fc.integer({ min: 1, max: 600 }),
        async (how, at, length) => {
          const end = Math.min(file.length, at + length);
          const part = file.subarray(at, end);
          const pieces = {
            drop: [file.subarray(0, at), file.subarray(end)],
            double: [file.subarray(0, end), part, file.subarray(end)],
            swap: [
              file.subarray(0, at),
              file.subarray(end, Math.min(file.length, end + length)),
              part,
              file.subarray(Math.min(file.length, end + length)),
            ],
            splice: [file.subarray(0, at), other.subarray(at, end), file.subarray(end)],
            cut: [file.subarray(0, at)],
          }[how];
          const mutant = Buffer.concat(pieces as Uint8Array[]);
          fc.pre(!Buffer.from(file).equals(mutant));
          await assertBroken(mutant, `${how} ${length} bytes at ${at}`);
        },
      ),
      { numRuns: 150 * rounds, seed },
    );
  });
}

/** Every way to change a list while the file stays well-formed. */
function listMutants(
  name: string,
  list: readonly unknown[],
  put: (changed: unknown[]) => Evidence,
): [string, Evidence][] {
  const found: [string, Evidence][] = [];
  for (let i = 0; i < list.length; i++) {
    found.push([`${name}: entry ${i} dropped`, put(list.toSpliced(i, 1))]);
    found.push([`${name}: entry ${i} doubled`, put(list.toSpliced(i, 0, list[i]))]);
    if (i > 0)
      found.push([`${name}: entries ${i - 1} and ${i} swapped`, put(list.with(i - 1, list[i]).with(i, list[i - 1]))]);
  }
  return found;
}

function leafMutants({ leaves }: EvidenceLog, put: (leaves: EvidenceLog['leaves']) => Evidence): [string, Evidence][] {
  const found: [string, Evidence][] = [];
  for (let i = 0; i < leaves.length; i++) {
    const entry = leaves[i] as EvidenceLog['leaves'][0];
    const before = leaves[i - 1];
    if (before)
      found.push([
        `leaves ${i - 1} and ${i}: contents exchanged`,
        put(leaves.with(i - 1, { ...before, leaf: entry.leaf }).with(i, { ...entry, leaf: before.leaf })),
      ]);
    found.push([`leaf ${i}: index moved`, put(leaves.with(i, { ...entry, index: entry.index + 1 }))]);
    const leaf = entry.leaf.slice();
    leaf[8] = (leaf[8] as number) ^ 1;
    found.push([`leaf ${i}: arrival moved`, put(leaves.with(i, { ...entry, leaf }))]);
  }
  return found;
}

/** Every way to change a part while the file stays well-formed. */
function mutants(evidence: Evidence): [string, Evidence][] {
  const found: [string, Evidence][] = [];
  for (const name of ['inputs', 'states', 'salts', 'signatures'] as const)
    found.push(...listMutants(name, evidence[name] ?? [], (changed) => ({ ...evidence, [name]: changed }) as Evidence));
  const [log] = evidence.logs as [EvidenceLog];
  const withLog = (change: object): Evidence => ({ ...evidence, logs: [{ ...log, ...change }] });
  for (const name of ['leaves', 'proof', 'arrivals', 'bodies'] as const)
    found.push(...listMutants(name, log[name] ?? [], (changed) => withLog({ [name]: changed })));
  found.push(...leafMutants(log, (leaves) => withLog({ leaves })));
  found.push(['no log', { ...evidence, logs: [] }], ['the log twice', { ...evidence, logs: [log, log] }]);
  found.push(...headMutants(evidence));
  if (evidence.anchor) {
    const { anchor } = evidence;
    found.push(['anchor: size moved', { ...evidence, anchor: { ...anchor, size: anchor.size + 1 } }]);
    found.push([
      'anchor: a hash added',
      { ...evidence, anchor: { ...anchor, consistency: [...anchor.consistency, anchor.root] } },
    ]);
    found.push([
      'anchor: receipt of the settlement',
      {
        ...evidence,
        anchor: { ...anchor, receipt: (evidence.settlement as { receipt: typeof anchor.receipt }).receipt },
      },
    ]);
    found.push(['settlement: receipt of the anchor', { ...evidence, settlement: { receipt: anchor.receipt } }]);
  }
  for (const part of ['anchor', 'settlement', 'signatures', 'heads'] as const) {
    const { [part]: removed, ...rest } = evidence;
    if (removed) found.push([`${part} removed`, rest as Evidence]);
  }
  for (const kind of ['reading', 'decision', 'payment'] as const)
    if (kind !== evidence.about.kind)
      found.push([`said to be about a ${kind}`, { ...evidence, about: { ...evidence.about, kind } }]);
  return found;
}

/** A sequence less, another head, another promise: nothing of it is what the decision names. */
function headMutants(evidence: Evidence): [string, Evidence][] {
  const { heads } = evidence;
  if (heads === undefined) return [];
  const put = (change: Partial<typeof heads>): Evidence => ({ ...evidence, heads: { ...heads, ...change } });
  const found = [
    ...listMutants('heads', heads.entries, (entries) => put({ entries } as never)),
    ...listMutants('heads, proof', heads.proof, (proof) => put({ proof } as never)),
  ];
  for (const [i, { index, head }] of heads.entries.entries())
    for (const change of [
      { seq: head.seq + 1 },
      { low: 1 },
      { forked: !head.forked },
      { keyOwner: `${head.keyOwner}x` },
    ])
      found.push([
        `head ${i}: ${Object.keys(change)} changed`,
        put({ entries: heads.entries.with(i, { index, head: { ...head, ...change } }) }),
      ]);
  return found;
}

test('every part dropped, doubled, exchanged or moved in a well-formed file breaks it', async () => {
  for (const [about, file] of Object.entries(files)) {
    const evidence = decodeEvidence(file);
    for (const [what, mutant] of mutants(evidence)) await assertBroken(encodeEvidence(mutant), `${about}: ${what}`);
  }
});

test('parts of a payment do not ride along in another file', async () => {
  const payment = decodeEvidence(files.payment);
  const decision = decodeEvidence(files.decision);
  for (const part of ['anchor', 'settlement', 'signatures'] as const)
    await assertBroken(encodeEvidence({ ...decision, [part]: payment[part] } as Evidence), `decision with ${part}`);
});
