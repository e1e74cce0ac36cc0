// What stands in the calldata of a transaction that announced or published a batch, read as the contract reads it: who
// signs falsely may also encode oddly (places shared or out of order), which the contract takes and strict readers do not.
import { fromHex, type Hex, hexOf, type Intent } from '@trine/protocol';
import { toFunctionSelector } from 'viem';
import { batchSettlementAbi as abi } from './contracts.ts';

/** An intent of a batch, and the rows if the call published some. */
export type BatchCalldata = { readonly intent: Intent; readonly rows: Uint8Array | undefined };

const selectorOf = (name: 'announce' | 'publish'): Hex => {
  const entry = abi.find((item) => item.type === 'function' && item.name === name);
  return toFunctionSelector(entry as Extract<typeof entry, { type: 'function' }>);
};
const [ANNOUNCE, PUBLISH] = [selectorOf('announce'), selectorOf('publish')];
const WORD = 32;

/**
 * Reads what was called. Whether the intent is the one that is meant, its digest says: nothing else is checked.
 *
 * @param input calldata as hex
 * @returns undefined where it calls neither `announce` nor `publish`, or less is there than that takes
 */
export function readBatchCalldata(input: Hex): BatchCalldata | undefined {
  const selector = input.slice(0, 10).toLowerCase();
  if (selector !== ANNOUNCE && selector !== PUBLISH) return undefined;
  const bytes = fromHex(`0x${input.slice(10)}`);
  /** As far as there is that much; places are far below 2^53, or beyond what is there. */
  const at = (start: number, length: number) =>
    start + length <= bytes.length ? bytes.subarray(start, start + length) : undefined;
  const numberAt = (start: number) => Number(wordOf(at(start, WORD)));
  const intent = intentOf(at(numberAt(0), INTENT_WORDS * WORD));
  if (intent === undefined) return undefined;
  if (selector === ANNOUNCE) return { intent, rows: undefined };
  const place = numberAt(WORD);
  const rows = at(place + WORD, numberAt(place));
  return rows && { intent, rows };
}

const INTENT_WORDS = 18;

function wordOf(bytes: Uint8Array | undefined): bigint {
  return BigInt(bytes === undefined ? 2n ** 64n : hexOf(bytes));
}

/** In a batch there are no entries: the word that says where they stand is passed over. */
function intentOf(bytes: Uint8Array | undefined): Intent | undefined {
  if (bytes === undefined) return undefined;
  const hash = (i: number) => hexOf(bytes.subarray(i * WORD, (i + 1) * WORD));
  const number = (i: number) => BigInt(hash(i));
  const address = (i: number): Hex => hexOf(bytes.subarray(i * WORD + 12, (i + 1) * WORD));
  return {
    ...{ network: hash(0), chainId: number(1), settler: address(2), agreement: hash(3), termsHash: hash(4) },
    ...{ obligation: hash(5), begin: number(6), end: number(7), entries: [], rowsHash: hash(9), rowCount: number(10) },
    ...{ positionsBefore: hash(11), positionsAfter: hash(12), token: address(13), validAfter: number(14) },
    ...{ deadline: number(15), decision: hash(16), supersedes: hash(17) },
  };
}
