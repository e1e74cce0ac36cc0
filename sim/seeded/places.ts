// At which step of the flow an operation stands: told from what it writes, asks or sends, and of queries from who asks.

import { batchSettlementAbi, checkpointsAbi, directSettlementAbi } from '@trine/ledger/contracts.ts';
import { isBatch } from '@trine/ledger/outbox-kinds.ts';
import { FRAME_HEADER_SIZE } from '@trine/log/frame.ts';
import { decisionPayload, decodeIntent, decodeLeaf, type Hex, intentDigest, parseStatement } from '@trine/protocol';
import type { Operation } from '@trine/system/testing/memory-disk.ts';
import { decodeFunctionData, parseTransaction } from 'viem';
import type { Step } from './table.ts';

const NOWHERE: readonly Step[] = [];
const STACK_DEEP = 60;

/** Steps that are calls of the contracts, by the same names. */
const CALLED: readonly Step[] = ['anchor', 'announce', 'supersede', 'settle', 'publish'];
/** Where a query comes from, the first that fits. */
const ASKING: readonly (readonly [RegExp, Step])[] = [
  [/\/node\/evidence\//, 'evidence'],
  [/\/settle\/orders\.ts/, 'order'],
  [/\/ingest\/(admission|ingest)\.ts/, 'sequence'],
  [/#settleConfirmed/, 'vouch'],
  [/\/node\/decide\//, 'decide'],
];

export class Places {
  /** Before the node runs. */
  isStarting = true;
  /** It has run before. */
  isFounded = false;
  /** What the frame holds that was written last and is not synced. */
  #written: readonly Step[] = NOWHERE;
  /** Digests of orders that are batches. */
  readonly #batches = new Set<string>();
  /** What each transaction was for, by its hash. */
  readonly #sent = new Map<string, Step>();
  /** Transactions of which the node was told that a block holds them. */
  readonly #seen = new Set<string>();

  get #beginning(): readonly Step[] | undefined {
    if (!this.isStarting) return undefined;
    return [this.isFounded ? 'start' : 'found'];
  }

  ofDisk(operation: Operation): readonly Step[] {
    const { path, kind } = operation;
    if (this.#beginning) return this.#beginning;
    if (path.includes('/log/wal/')) return this.#ofFrame(operation);
    if (path.includes('/bodies')) return ['bodies'];
    if (path.includes('/log/')) return ['checkpoint'];
    return kind === 'sql' ? ofSql(operation, this.#batches) : NOWHERE;
  }

  #ofFrame({ kind, bytes }: Operation): readonly Step[] {
    if (kind === 'write' && bytes) {
      this.#written = stepsIn(bytes.subarray(FRAME_HEADER_SIZE), this.#batches);
      return ['append', ...this.#written];
    }
    return kind === 'sync' ? ['sync', ...this.#written] : ['append'];
  }

  /** @param stack where it is asked from */
  ofQuery(stack: string): readonly Step[] {
    if (this.#beginning) return this.#beginning;
    const found = ASKING.find(([file]) => file.test(stack));
    return found ? [found[1]] : NOWHERE;
  }

  ofAppend(hasSnapshot: boolean): readonly Step[] {
    return this.#beginning ?? (hasSnapshot ? ['tables', 'snapshot'] : ['tables']);
  }

  ofMessage(to: 'worker' | 'owner', module: string): readonly Step[] {
    if (this.#beginning) return this.#beginning;
    if (!module.includes('verify-worker')) return ['checkpoint'];
    return [to === 'worker' ? 'verify' : 'sequence'];
  }

  ofRequest(method: string, params: readonly unknown[]): readonly Step[] {
    const step = this.#beginning ? undefined : this.#stepOf(method, params);
    return this.#beginning ?? (step ? [step] : NOWHERE);
  }

  #stepOf(method: string, [first]: readonly unknown[]): Step | undefined {
    if (method === 'eth_sendRawTransaction') {
      const { to, data } = parseTransaction(first as Hex);
      return to ? stepOfCall(data) : undefined;
    }
    if (method === 'eth_call' || method === 'eth_estimateGas') return stepOfCall((first as { data?: Hex }).data);
    const isLook = method === 'eth_getTransactionReceipt' || method === 'eth_getTransactionByHash';
    return isLook || method === 'eth_getBlockReceipts' ? 'confirm' : undefined;
  }

  /** Notes which step a transaction belongs to. */
  sent(hash: unknown, step: Step | undefined): void {
    if (step && typeof hash === 'string') this.#sent.set(hash, step);
  }

  /** The node was told that a block holds a transaction. */
  saw(hash: unknown): void {
    this.#seen.add(hash as string);
  }

  wasSeen(hash: string): boolean {
    return this.#seen.has(hash);
  }

  /** Which steps' transactions are among these. @param hashes of a block */
  within(hashes: readonly string[]): Step[] {
    return hashes.flatMap((hash) => this.#sent.get(hash) ?? []);
  }
}

/** The stack from here, over awaits. */
export function stackHere(): string {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = STACK_DEEP;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = before;
  return stack;
}

/** What the leaves of a frame are for. @param batches those among them come to these */
function stepsIn(bytes: Uint8Array, batches: Set<string>): Step[] {
  const found = new Set<Step>();
  for (let at = 0; at + 2 <= bytes.length; ) {
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const leaf = decodeLeaf(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
    if (leaf.kind === 'intent') {
      found.add('order');
      const intent = decodeIntent(leaf.intent);
      if (!isBatch(intent)) continue;
      found.add('batch');
      batches.add(intentDigest(intent));
      continue;
    }
    const { header, payload } = parseStatement(leaf.statement);
    const { kind } = header;
    if (kind === 'pack') continue;
    found.add('staged');
    if (kind === 'decision' || kind === 'row' || kind === 'state') found.add('decide');
    if (kind === 'row') found.add('rows');
    if (kind === 'decision' && decisionPayload.decode(payload).obligation.base) found.add('correct');
    if (kind === 'settlement') found.add('vouch');
  }
  return [...found];
}

function ofSql({ path, sql = '', values = [] }: Operation, batches: ReadonlySet<string>): readonly Step[] {
  if (path.endsWith('settle.sqlite')) {
    if (/INTO signatures/.test(sql)) return ['sign'];
    return [/INTO batches/.test(sql) ? 'batch' : 'confirm'];
  }
  if (!path.endsWith('outbox.sqlite')) return NOWHERE;
  const id = values.find((value) => typeof value === 'string' && /^(anchor|announce|settle|publish):/.test(value));
  if (typeof id !== 'string') return NOWHERE;
  const [kind, key = ''] = id.split(':');
  const step = (kind === 'settle' && batches.has(key) ? 'net' : kind) as Step;
  return values.includes('confirmed') ? [step, 'confirm'] : [step];
}

function stepOfCall(data: Hex | undefined): Step | undefined {
  for (const abi of [checkpointsAbi, directSettlementAbi, batchSettlementAbi])
    try {
      const { functionName } = decodeFunctionData({ abi, data: data as Hex });
      if (abi === batchSettlementAbi && functionName === 'settle') return 'net';
      return CALLED.find((step) => step === functionName);
    } catch {
      // Of another contract.
    }
  return undefined;
}
