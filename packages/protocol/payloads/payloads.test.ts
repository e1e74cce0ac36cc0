import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashTypedData } from 'viem';
import { fromHex } from '../bytes.ts';
import { type Hex, hexOf } from '../evm/words.ts';
import { encodeAll } from '../testing/encode.ts';
import * as values from '../testing/values.ts';
import { agreementPayload, concernedThings, monitorPayload } from './agreement.ts';
import { checkPayload } from './check.ts';
import { decisionPayload } from './decision.ts';
import {
  approvalPayload,
  labelPayload,
  modelChangePayload,
  modelPayload,
  readParameters,
  rightVerdict,
} from './model.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../vectors/payloads/payloads.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const codecs = {
  agreement: agreementPayload,
  monitor: monitorPayload,
  decision: decisionPayload,
  model: modelPayload,
  approval: approvalPayload,
  'model-change': modelChangePayload,
  label: labelPayload,
} as const;
const kinds = Object.keys(codecs) as (keyof typeof codecs)[];

test('golden bytes of the payloads of models, watches and labels', () => {
  assert.deepEqual(encodeAll(), golden);
  for (const kind of kinds) {
    const bytes = fromHex(golden[kind] as string);
    const value = codecs[kind].decode(bytes);
    assert.deepEqual((codecs[kind].encode as (value: unknown) => Uint8Array)(value), bytes, kind);
  }
});

test('what a party signs is what any wallet shows it: EIP-712', () => {
  const { agreement, model, atMs } = values.approval;
  const digest = hashTypedData({
    domain: { name: 'Trine', version: '1', chainId: 31_337, verifyingContract: `0x${'4'.repeat(40)}` },
    types: {
      ModelApproval: [
        { name: 'agreement', type: 'bytes32' },
        { name: 'model', type: 'bytes32' },
        { name: 'approve', type: 'bool' },
        { name: 'atMs', type: 'uint64' },
      ],
    },
    primaryType: 'ModelApproval',
    message: { agreement: hexOf(agreement) as Hex, model: hexOf(model) as Hex, approve: true, atMs: BigInt(atMs) },
  });
  assert.equal(golden.approvalDigest, digest);
});

test('property: no damaged payload is read as anything else, and none breaks the reader', () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.nat(), fc.integer({ min: 1, max: 255 }), (kind, at, flip) => {
      const bytes = fromHex(golden[kind] as string);
      const damaged = bytes.slice();
      damaged[at % bytes.length]! ^= flip;
      try {
        checkPayload({ header: { kind, sealed: false } as never, payload: damaged });
      } catch (error) {
        assert.equal((error as Error).name, 'FormatError');
        return;
      }
      // Another text or number is another value, in the one encoding it has.
      const value = codecs[kind].decode(damaged);
      assert.deepEqual((codecs[kind].encode as (value: unknown) => Uint8Array)(value), damaged);
    }),
    { numRuns: 2_000 },
  );
});

test('what came with a version is refused under the one before; what belongs together is demanded', () => {
  assert.throws(() => agreementPayload.encode({ ...values.agreement, trine: 'agreement/1' }), /came with agreement\/2/);
  assert.throws(() => labelPayload.encode({ ...values.label, stand: 'approve' }), /exactly where the stand is correct/);
  const peers = Array.from({ length: 8 }, (_, rule) => Array.from({ length: 16 }, (_, i) => `t/${rule}-${i}`));
  const neighbours = peers.map((all) => ({ quantity: 'x', peers: all, peersMin: 1, toleranceMilli: 0 }));
  const crowded = { ...values.monitor, plausibility: { ...values.monitor.plausibility, neighbours } };
  assert.throws(() => monitorPayload.encode(crowded as typeof values.monitor), /concerns \d+ things, at most 64/);
  assert.deepEqual(concernedThings(values.monitor), ['thermo/1', 'thermo/2', 'thermo/3', 'in/1', 'out/1', 'out/2']);
  for (const json of ['{"b":1,"a":2}', '[1]', '"x"', '{', '{ "a":1}'])
    assert.throws(() => readParameters(json), /model\.parameters/);
});

test('labels: right, wrong and corrected', () => {
  assert.equal(rightVerdict({ stand: 'approve' }, 'breached'), 'breached');
  assert.equal(rightVerdict({ stand: 'refuse' }, 'breached'), 'met');
  assert.equal(rightVerdict({ stand: 'refuse' }, 'met'), 'breached');
  assert.equal(rightVerdict({ stand: 'correct', verdict: 'met' }, 'breached'), 'met');
});
