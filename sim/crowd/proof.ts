// The evidence file of one line: what its holder gets, out of two logs, a decision and the chain.
import { inputRanges } from '@trine/engine';
import { proveReceipt } from '@trine/ledger/proofs.ts';
import {
  decodeLeaf,
  type Evidence,
  encodeCbor,
  encodeEvidence,
  fromHex,
  type PositionProof,
  parseStatement,
  proveHeads,
  proveMap,
  sha256,
} from '@trine/protocol';
import type { CrowdChain } from './chain.ts';
import { type City, MEMBERS } from './city.ts';
import type { Decided, OrderedBatch } from './decider.ts';
import type { Place } from './log.ts';

/** How a batch was paid. */
export interface Paid {
  readonly batch: OrderedBatch;
  readonly signatures: readonly Uint8Array[];
  readonly intent: Place;
  readonly decision: Place;
  readonly rows: ReadonlyMap<string, Place>;
  /** Members' words for the blocks. */
  readonly vouched: readonly Place[];
  readonly anchor: { readonly size: number; readonly root: Uint8Array; readonly hash: `0x${string}` };
  readonly settled: `0x${string}`;
}

/** What proofs of all lines have in common. */
export interface Prover {
  /** @param key of the line */
  file(key: string): Promise<Uint8Array>;
}

export function proverOf(city: City, { chain }: CrowdChain, decided: Decided, paid: Paid): Prover {
  const { north } = city.logs;
  const hashes = new Map([...decided.parts].map(([part, inputs]) => [part, sha256(encodeCbor(inputRanges(inputs)))]));
  const commitments = new Map([...decided.rows].map(([key, { commitment }]) => [key, commitment]));
  const receiptOf = async (hash: `0x${string}`): Promise<NonNullable<Evidence['settlement']>['receipt']> => {
    const { headerRlp, txIndex, proofNodes } = await proveReceipt(chain, hash);
    return { header: headerRlp, finality: { tag: 'members' }, transaction: txIndex, nodes: [...proofNodes] };
  };
  return {
    async file(key) {
      const own = [...(decided.parts.get('') ?? []), ...(decided.parts.get(key) ?? [])];
      const home = key.slice('home/'.length);
      const named = ['enrolment node/north', `enrolment meter/${home}`, 'agreement', `account ${key}`];
      const needed: Place[] = [
        { origin: north.origin, index: 0 },
        ...named.map((name) => city.places.get(name) as Place),
        ...[...own, paid.decision, paid.rows.get(key) as Place, paid.intent, ...paid.vouched],
      ];
      const subjects = new Set(own.map(({ statement }) => statement.header.subject)).add(key);
      subjects.delete(city.policy.gate.heartbeat);
      return encodeEvidence({
        trine: 'evidence/1',
        about: { kind: 'row', id: idAt(city, paid.rows.get(key) as Place) },
        logs: MEMBERS.map((name, rank) => {
          const log = city.logs[name];
          const cut = decided.decision.cuts[rank]?.index as number;
          const indexes = needed.filter(({ origin }) => origin === log.origin).map(({ index }) => index);
          return log.shown(indexes, [cut - 1, cut]);
        }),
        inputs: ['', key].map((part) => ({ key: part, ranges: inputRanges(decided.parts.get(part) ?? []) })),
        heads: proveHeads(decided.heads, [...subjects]),
        salts: ['row', 'state'].flatMap((purpose) => {
          const salt = decided.salts.get(`${purpose} ${key}`);
          return purpose === 'row' && salt ? [{ purpose: 'row' as const, key, salt }] : [];
        }),
        row: {
          key,
          row: proveMap(commitments, key),
          inputs: proveMap(hashes, key),
          common: proveMap(hashes, ''),
          state: proveMap(new Map(), key),
        },
        anchor: {
          ...{ size: paid.anchor.size, root: paid.anchor.root, consistency: north.consistency(paid.anchor.size) },
          receipt: await receiptOf(paid.anchor.hash),
        },
        signatures: [...paid.signatures],
        settlement: { receipt: await receiptOf(paid.settled) },
        batch: { part: 0, position: positionOf(paid.batch, decided.joined.get(key) as `0x${string}`) },
      });
    },
  };
}

function positionOf({ before, after, numbers }: OrderedBatch, account: `0x${string}`) {
  const number = numbers.get(account) as number;
  const siblings = ({ path }: PositionProof) => path.map((node) => fromHex(node));
  const [was, is] = [before.prove(number), after.prove(number)];
  const paths = { pathBefore: siblings(was), pathAfter: siblings(is) };
  return { number, before: Number(was.position), after: Number(is.position), ...paths };
}

function idAt(city: City, { origin, index }: Place): Uint8Array {
  const log = MEMBERS.map((name) => city.logs[name]).find((one) => one.origin === origin);
  const leaf = decodeLeaf(log?.leaves[index] as Uint8Array);
  if (leaf.kind !== 'statement') throw new RangeError(`Leaf ${index} of ${origin} is no statement.`);
  return parseStatement(leaf.statement).id;
}
