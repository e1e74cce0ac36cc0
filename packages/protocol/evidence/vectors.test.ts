// Golden evidence files: made once by a running node, they must verify for ever, without any node.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeCbor } from '../cbor/cbor.ts';
import { parseNetwork } from '../payloads/network.ts';
import { temporarySigner } from '../testing/signer.ts';
import * as values from '../testing/values.ts';
import { cosign } from '../tlog/cosignature.ts';
import { leafHash, memoryTree, treeRoot } from '../tlog/merkle.ts';
import { proofRanges, rootFromMultiproof } from '../tlog/multiproof.ts';
import { addSignature, type NoteSignature } from '../tlog/note.ts';
import { SIGNATURE_COSIGNATURE_V1, verifierKey } from '../tlog/verifier-key.ts';
import { decodeEvidence, type EvidenceLog, encodeEvidence } from './format.ts';
import { readingsCsv } from './readings.ts';
import type { ReportedReading } from './report.ts';
import { verifyEvidence } from './verify.ts';

const read = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../vectors/evidence/${name}`, import.meta.url)));
const network = parseNetwork(Buffer.from(read('network.json')).toString());

/** Nobody has the domains here: what a decision says is not computed again. */
const verdictOf = { reading: 'trusted', decision: 'trusted-without-replay', payment: 'members-word' } as const;

/** A decision, but not the one in the file. */
const otherDecision = values.decision;

for (const about of ['reading', 'decision', 'payment'] as const)
  test(`golden evidence about a ${about} holds under its network, and no more is said of it than was checked`, async () => {
    const report = await verifyEvidence(read(`${about}.trine`), { network });
    assert.deepEqual(
      report.steps.filter(({ name, status }) => status !== 'ok' && name !== 'replay'),
      [],
    );
    assert.equal(report.verdict, verdictOf[about]);
    assert.equal(report.about, about);
    // What a decision moves is told; where it moves nothing, nothing is.
    assert.equal(report.facts.amount, about === 'payment' ? '0.05 EUR' : undefined);
    const unpinned = await verifyEvidence(read(`${about}.trine`));
    assert.equal(unpinned.verdict, 'consistent');
    // Nobody said whom they trust: no step may claim that it is them.
    assert.doesNotMatch(unpinned.steps.map(({ title }) => title).join('\n'), /trust/);
  });

for (const [name, words] of [
  ['released-line', /^released by hand by 2 deciders; the gate had held it; 0\.20 EUR less for home\/3/],
  ['replacing', /in place of the order [0-9a-f]{12}, 2 decisions together$/],
] as const)
  test(`golden evidence of a payment of its own kind holds: ${name}`, async () => {
    const own = parseNetwork(Buffer.from(read(`${name}-network.json`)).toString());
    const report = await verifyEvidence(read(`${name}.trine`), { network: own });
    assert.equal(report.verdict, 'members-word', JSON.stringify(report.steps));
    assert.match(report.steps.find((step) => step.name === 'intent')?.detail ?? '', words);
  });

test('golden evidence of a model that the parties approved holds, and says who let it decide', async () => {
  const approved = read('approved.trine');
  const own = parseNetwork(Buffer.from(read('approved-network.json')).toString());
  const report = await verifyEvidence(approved, { network: own });
  assert.equal(report.verdict, 'trusted-without-replay', JSON.stringify(report.steps));
  const step = report.steps.find(({ name }) => name === 'model');
  assert.match(step?.detail ?? '', /approved by the parties, in force since \d{4}-/);
  assert.match(report.assumptions.join('\n'), /no other model took its place/);
  assert.match(report.facts.arithmetic ?? '', /exact/);
  const other = await verifyEvidence(approved, { network });
  assert.equal(other.steps.find(({ status }) => status === 'failed')?.name, 'network');
  assert.equal(other.verdict, 'another-network');
  const renamed = await verifyEvidence(approved, { network: { ...own, name: 'Another' } });
  assert.equal(renamed.verdict, 'another-branch');
});

test('where a step fails, the ones after it are said not to be checked: all that a file about this takes', async () => {
  const another = parseNetwork(Buffer.from(read('approved-network.json')).toString());
  const reading = ['file', 'network', 'checkpoint', 'sealed', 'identity', 'signatures', 'bodies'];
  const decision = [...reading, 'order', 'agreement', 'model', 'replay'];
  const expected = { reading, decision, payment: [...decision, 'intent', 'deciders', 'anchor', 'payment'] };
  for (const [about, names] of Object.entries(expected)) {
    const { steps } = await verifyEvidence(read(`${about}.trine`), { network: another });
    assert.deepEqual(
      steps.map(({ name, status }) => [name, status]),
      names.map((name) => [name, name === 'file' ? 'ok' : name === 'network' ? 'failed' : 'not-checked']),
    );
  }
});

test('any number of cosignatures on the checkpoint changes nothing, and it is said that they were passed over', async () => {
  for (const about of ['reading', 'decision', 'payment'] as const) {
    const evidence = decodeEvidence(read(`${about}.trine`));
    const [log] = evidence.logs as [EvidenceLog];
    const withNote = (checkpoint: string) => encodeEvidence({ ...evidence, logs: [{ ...log, checkpoint }] });
    let { checkpoint } = log;
    for (const n of [1, 2, 3]) {
      const signature = new Uint8Array(72).fill(n);
      checkpoint = addSignature(checkpoint, { name: `witness.example/${n}`, keyId: n, signature });
      const report = await verifyEvidence(withNote(checkpoint), { network });
      assert.equal(report.verdict, verdictOf[about], JSON.stringify(report.steps));
      const step = report.steps.find(({ name }) => name === 'checkpoint');
      assert.match(
        step?.detail ?? '',
        n === 1 ? /; 1 other signature was passed over$/ : /other signatures were passed/,
      );
    }
    // The log's own must be there, and right.
    const [text = ''] = log.checkpoint.split('\n\n');
    const unsigned = `${text}\n\n${checkpoint.split('\n').slice(-4).join('\n')}`;
    const report = await verifyEvidence(withNote(unsigned), { network });
    assert.equal(report.steps.find(({ status }) => status === 'failed')?.name, 'checkpoint');
  }
});

test('a cosignature of a witness that the reader knows counts, and must be right', async () => {
  const evidence = decodeEvidence(read('reading.trine'));
  const [log] = evidence.logs as [EvidenceLog];
  const signer = temporarySigner();
  const name = 'witness.example';
  const witness = { name, publicKey: signer.publicKey.raw, sign: signer.sign, timestamp: 1_767_225_600 };
  const witnesses = [verifierKey(name, witness.publicKey, SIGNATURE_COSIGNATURE_V1)];
  const verify = (cosignature: NoteSignature) => {
    const checkpoint = addSignature(log.checkpoint, cosignature);
    return verifyEvidence(encodeEvidence({ ...evidence, logs: [{ ...log, checkpoint }] }), { network, witnesses });
  };
  const right = cosign(log.checkpoint, witness);
  const report = await verify(right);
  assert.equal(report.verdict, 'trusted');
  const step = report.steps.find(({ name: one }) => one === 'checkpoint');
  assert.match(step?.detail ?? '', /; cosigned by witness.example$/);
  const wrong = await verify({ ...right, signature: right.signature.with(20, (right.signature[20] as number) ^ 1) });
  assert.equal(wrong.steps.find(({ status }) => status === 'failed')?.name, 'checkpoint');
});

test('a decider who signs twice counts once, and breaks the file', async () => {
  const evidence = decodeEvidence(read('payment.trine'));
  const { signatures = [] } = evidence;
  assert.equal(signatures.length, 1);
  const report = await verifyEvidence(encodeEvidence({ ...evidence, signatures: [...signatures, ...signatures] }), {
    network,
  });
  const step = report.steps.find(({ status }) => status === 'failed');
  assert.equal(step?.name, 'deciders');
  assert.match(step?.detail ?? '', /^0x[0-9a-f]{40} signed twice\.$/);
});

test('a proof of finality that is not known here lowers the verdict, and is no error', async () => {
  const evidence = decodeEvidence(read('payment.trine'));
  const { settlement } = evidence;
  if (settlement === undefined) throw new Error('It is of a payment.');
  for (const finality of [
    { tag: 'validators' as const, commit: new Uint8Array(9), validators: new Uint8Array(9) },
    { tag: 'beacon', data: new Uint8Array(9) },
  ]) {
    const receipt = { ...settlement.receipt, finality };
    const report = await verifyEvidence(encodeEvidence({ ...evidence, settlement: { receipt } }), { network });
    assert.equal(report.verdict, 'members-word', JSON.stringify(report.steps));
    assert.match(report.assumptions.join(), new RegExp(`the proof of kind "${finality.tag}" is not known here`));
  }
});

test('every reading that a file holds is in the report, and as a table', async () => {
  const { readings } = await verifyEvidence(read('decision.trine'), { network });
  assert.ok(readings.some(({ wentIn }) => wentIn) && readings.some(({ wentIn }) => !wentIn));
  const [head, first, ...rest] = readingsCsv(readings).split('\r\n');
  assert.equal(head, 'time,subject,quantity,value,unit,signed by,arrived,log,leaf,went in,dated by');
  assert.match(first ?? '', /^\d{4}-[^,]*Z,machine\/[^,]*,cpu\/load,[\d.]+,\/,/);
  assert.equal(rest.length, readings.length);
  const [one] = readings as [ReportedReading];
  // What a device says is no formula to a spreadsheet.
  assert.match(readingsCsv([{ ...one, value: '=1+1,"x"' }]), /,"'=1\+1,""x""",/);
});

test('one content has one file: what stands twice, in another order or as an empty list breaks it', async () => {
  const evidence = decodeEvidence(read('decision.trine'));
  const { salts = [] } = evidence;
  const [log] = evidence.logs as [EvidenceLog];
  const { arrivals = [] } = log;
  const withArrivals = (given: number[]) => ({ ...evidence, logs: [{ ...log, arrivals: given }] });
  assert.ok(arrivals.length > 0 && salts.length > 0);
  for (const changed of [
    withArrivals([...arrivals, arrivals.at(-1) as number]),
    withArrivals([...arrivals, 1_000_000]),
    { ...evidence, salts: [...salts, ...salts] },
    { ...evidence, salts: [] },
    { ...evidence, states: [] },
    withArrivals([]),
    { ...evidence, logs: [] },
    { ...evidence, logs: [log, log] },
    { ...evidence, heads: { entries: [], proof: [new Uint8Array(32)] } },
  ]) {
    const report = await verifyEvidence(encodeEvidence(changed), { network });
    assert.deepEqual(report.steps[0]?.status, 'failed');
  }
});

test('a model that computes something else is found out', async () => {
  const report = await verifyEvidence(read('payment.trine'), {
    network,
    replay: async ({ common, ...rest }) => {
      void rest;
      return common ? {} : { decision: { ...otherDecision } };
    },
  });
  assert.equal(report.verdict, 'broken');
  assert.match(report.steps.find(({ status }) => status === 'failed')?.detail ?? '', /differs in .*statesAfter/);
});

test('property: a multiproof leads to the root for any leaves of any tree, and no other proof does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.nat(299), { minLength: 1, maxLength: 12 }),
      fc.nat(),
      (size, wanted, where) => {
        const indexes = [...new Set(wanted.map((index) => index % size))].sort((a, b) => a - b);
        const leaves = Array.from({ length: size }, (_, i) => Uint8Array.of(i & 255, i >> 8));
        const hashes = leaves.map(leafHash);
        const proof = proofRanges(indexes, size).map(([from, to]) =>
          treeRoot(to - from, memoryTree(hashes.slice(from, to))),
        );
        const given = indexes.map((index) => ({ index, leaf: leaves[index] as Uint8Array }));
        const root = treeRoot(size, memoryTree(hashes));
        assert.deepEqual(Uint8Array.from(rootFromMultiproof(given, size, proof) as Uint8Array), Uint8Array.from(root));
        assert.equal(rootFromMultiproof(given, size, [...proof, root]), undefined);
        if (proof.length > 0) {
          assert.equal(rootFromMultiproof(given, size, proof.slice(1)), undefined);
          const spoiled = proof.with(where % proof.length, new Uint8Array(32));
          assert.notDeepEqual(
            Uint8Array.from(rootFromMultiproof(given, size, spoiled) as Uint8Array),
            Uint8Array.from(root),
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('what is no evidence file is called that, not a damaged one', async () => {
  for (const file of [new Uint8Array(), encodeCbor({ trine: 'model/1' }), encodeCbor({})])
    assert.equal((await verifyEvidence(file)).verdict, 'no-proof');
  assert.equal((await verifyEvidence(read('reading.trine').subarray(0, 900))).verdict, 'broken');
  for (const text of ['a;b\n1;2\n', '{"trine":"network/1"}', '<svg/>', '%PDF-1.7', 'PK\u0003\u0004'])
    assert.throws(() => decodeEvidence(new TextEncoder().encode(text)), /This is no evidence file/);
  assert.throws(() => decodeEvidence(new Uint8Array()), /The file is empty/);
});
