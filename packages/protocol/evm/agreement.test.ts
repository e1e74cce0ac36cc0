// The id of an agreement, against another implementation of EIP-712.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashTypedData } from 'viem';
import { agreement } from '../testing/values.ts';
import { agreementId, chainTerms, termsDigest } from './agreement.ts';
import type { Hex } from './words.ts';

const fields = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([name, type]) => ({ name, type }));
const TERMS = fields({
  ...{ network: 'bytes32', settler: 'address', termsHash: 'bytes32', token: 'address' },
  ...{ validFrom: 'uint64', validUntil: 'uint64', obligationMax: 'uint64', settleWithin: 'uint64' },
  ...{ window: 'uint64', holdMax: 'uint64', payAfterHold: 'bool' },
  ...{ arbiter: 'address', registrar: 'address', residuary: 'address', bond: 'uint128', threshold: 'uint16' },
  ...{ deciders: 'address[]', origins: 'bytes32[]', parties: 'address[]', salt: 'bytes32' },
});
const CONTRACT: Hex = `0x${'5'.repeat(40)}`;

test('property: the digest of terms is that of another implementation, whatever they are', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.boolean(),
      fc.string({ maxLength: 50 }),
      (origins, chainId, pays, title) => {
        const money = { ...agreement.money, chainId, afterHold: pays ? ('pay' as const) : ('drop' as const) };
        const given = { ...agreement, origins, money, title };
        const message = chainTerms(given);
        const domain = { name: 'Trine', version: '1', chainId, verifyingContract: CONTRACT };
        const other = hashTypedData({ domain, types: { Terms: TERMS }, primaryType: 'Terms', message: { ...message } });
        assert.equal(termsDigest(BigInt(chainId), CONTRACT, message), other);
        assert.equal(agreementId(given, CONTRACT), other);
      },
    ),
    { numRuns: 100 },
  );
});
