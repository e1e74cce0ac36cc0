// A log read from its public files, and what it takes to decide again: agreements, monitors, models, snapshots, decisions
// and packs. No node and no store: whoever has the files and the bodies can replay. Whether the files are genuine is
// for fsck.

import type { FolderPack, RecordedLog } from '@trine/engine/period.ts';
import { openSource, type Source } from '@trine/log/fsck/source.ts';
import {
  type Agreement,
  type Decision,
  decisionPayload,
  decodeBundle,
  decodeLeaf,
  decodePack,
  FormatError,
  fromUtf8,
  type Hex,
  type NetworkDocument,
  openBody,
  parseStatement,
  parseVerifierKey,
  type Statement,
  sha256,
  snapshotPayload,
  TILE_WIDTH,
  TrineError,
  tilePath,
  toHex,
  verifyCheckpoint,
} from '@trine/protocol';
import { agreementId } from '../settle/agreements.ts';
import { KeyDirectory } from './keys.ts';
import { ModelRegistry } from './models.ts';
import { PolicyRegistry } from './policies.ts';

/** Where sealed bodies come from; undefined for one that was erased. */
export interface BodySource {
  read(index: number): Uint8Array | undefined;
}

export interface LogFolder extends RecordedLog {
  readonly network: NetworkDocument;
  readonly policies: PolicyRegistry;
  readonly models: ModelRegistry;
  /** Packs of some things, by subject, in the order of the log. */
  packs(subjects: readonly string[], bodies: BodySource): Promise<Map<string, FolderPack[]>>;
}

export interface ReadOptions {
  readonly network: NetworkDocument;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads a log once.
 *
 * @param address folder of its public files, or the URL they are served under
 * @throws TrineError when it is not a log of the network, or a file is missing
 */
export async function readLogFolder(address: string, { network, onProgress }: ReadOptions): Promise<LogFolder> {
  const source = openSource(address);
  const { size, origin } = await readCheckpoint(source, network);
  const keyDirectory = new KeyDirectory();
  keyDirectory.addMembers(network);
  const contracts = { agreements: network.chain.agreements as Hex };
  const policies = new PolicyRegistry((terms: Agreement) => agreementId(terms, contracts, origin));
  const models = new ModelRegistry();
  const decisions = new Map<string, Map<string, Decision>>();
  const snapshots = new Map<string, number>();
  /** Of packs: subject number, so that a second reading need not parse what it passes over. */
  const subjects = new Map<string, number>();
  const about = new Int32Array(size).fill(-1);
  for await (const { index, leaf } of leavesOf(source, size)) {
    const decoded = decodeLeaf(leaf);
    if (decoded.kind === 'intent') continue;
    const statement = parseStatement(decoded.statement);
    const { kind, subject } = statement.header;
    if (kind === 'pack') {
      let number = subjects.get(subject);
      if (number === undefined) {
        number = subjects.size;
        subjects.set(subject, number);
      }
      about[index] = number;
    } else if (kind === 'decision') takeDecision(decisions, statement);
    else if (kind === 'snapshot') {
      const { state } = snapshotPayload.decode(statement.payload);
      snapshots.set(toHex(sha256(state)), index);
    } else {
      keyDirectory.apply(statement, index);
      models.take(statement, index, decoded.arrivalMs);
      policies.take(statement, decoded.arrivalMs);
    }
    onProgress?.(index + 1, size);
  }
  const sorted = new Map(
    [...decisions].map(([terms, byWindow]) => [
      terms,
      [...byWindow.values()].sort((a, b) => a.obligation.fromMs - b.obligation.fromMs),
    ]),
  );
  return {
    size,
    origin,
    network,
    policies,
    models,
    decisions: (terms) => sorted.get(terms) ?? [],
    async state(hash) {
      const index = snapshots.get(hash);
      if (index === undefined) return undefined;
      const decoded = decodeLeaf(await leafAt(source, size, index));
      if (decoded.kind === 'intent') return undefined;
      return Uint8Array.from(snapshotPayload.decode(parseStatement(decoded.statement).payload).state);
    },
    async packs(wanted, bodies) {
      const numbers = new Map(wanted.flatMap((name) => (subjects.has(name) ? [[subjects.get(name), name]] : [])));
      const found = new Map<string, FolderPack[]>(wanted.map((name) => [name, []]));
      const isWanted = (index: number) => numbers.has(about[index]);
      for await (const { index, leaf } of leavesOf(source, size, isWanted)) {
        const decoded = decodeLeaf(leaf);
        if (decoded.kind === 'intent') continue;
        const pack = openPack(index, decoded.arrivalMs, parseStatement(decoded.statement), {
          bodies,
          keyDirectory,
          network,
        });
        found.get(numbers.get(about[index]) as string)?.push(pack);
      }
      return found;
    },
  };
}

async function readCheckpoint(source: Source, network: NetworkDocument): Promise<{ size: number; origin: string }> {
  const file = await source.read('checkpoint');
  if (file === undefined)
    throw new TrineError('not-found', 'There is no checkpoint: name the folder or URL of a log’s public files.');
  const note = fromUtf8(file);
  const origin = note.slice(0, note.indexOf('\n'));
  const log = network.members.flatMap(({ logs }) => logs).find((one) => one.origin === origin);
  if (log === undefined) throw new TrineError('invalid', `The log ${origin} is none of the network ${network.name}.`);
  const { size } = verifyCheckpoint(note, parseVerifierKey(log.vkey));
  return { size, origin };
}

async function readBundle(source: Source, size: number, bundle: number): Promise<Uint8Array[]> {
  const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
  // A log in use replaces a partial bundle by the full one: that begins with the same entries.
  const full = await source.read(tilePath({ level: 'entries', index: bundle, width: TILE_WIDTH }));
  const bytes = full ?? (await source.read(tilePath({ level: 'entries', index: bundle, width })));
  if (bytes === undefined)
    throw new TrineError('damaged', `The entries from leaf ${bundle * TILE_WIDTH} on are missing.`);
  return decodeBundle(bytes, full ? TILE_WIDTH : width).slice(0, width);
}

async function* leavesOf(
  source: Source,
  size: number,
  isWanted: (index: number) => boolean = () => true,
): AsyncGenerator<{ index: number; leaf: Uint8Array }> {
  for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++) {
    const from = bundle * TILE_WIDTH;
    const to = Math.min(size, from + TILE_WIDTH);
    let any = false;
    for (let index = from; index < to && !any; index++) any = isWanted(index);
    if (!any) continue;
    const entries = await readBundle(source, size, bundle);
    for (let index = from; index < to; index++)
      if (isWanted(index)) yield { index, leaf: entries[index - from] as Uint8Array };
  }
}

async function leafAt(source: Source, size: number, index: number): Promise<Uint8Array> {
  const entries = await readBundle(source, size, Math.floor(index / TILE_WIDTH));
  return entries[index % TILE_WIDTH] as Uint8Array;
}

/** The first decision on a window counts: another decider's copy says the same. */
function takeDecision(decisions: Map<string, Map<string, Decision>>, { payload }: Statement): void {
  const decision = decisionPayload.decode(payload);
  const terms = decision.terms === undefined ? '' : toHex(decision.terms);
  const byWindow = decisions.get(terms) ?? new Map<string, Decision>();
  decisions.set(terms, byWindow);
  const window = `${decision.obligation.fromMs} ${decision.obligation.toMs}`;
  if (!byWindow.has(window)) byWindow.set(window, decision);
}

function openPack(
  index: number,
  arrivalMs: number,
  statement: Statement,
  { bodies, keyDirectory, network }: { bodies: BodySource; keyDirectory: KeyDirectory; network: NetworkDocument },
): FolderPack {
  const { header } = statement;
  const entry = keyDirectory.get(header.issuer);
  const disclosure = header.sealed ? bodies.read(index) : undefined;
  if (entry === undefined || (header.sealed && disclosure === undefined))
    return { index, arrivalMs, firstMs: arrivalMs, lastMs: arrivalMs, input: undefined };
  let body: Uint8Array;
  try {
    body = openBody(statement, disclosure);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new TrineError('damaged', `The body of leaf ${index} is not the one that was signed: ${error.message}`);
  }
  const times = decodePack(body, header.contentType, header.subject, header.clock).map(({ timeMs }) =>
    header.clock === 'none' ? arrivalMs : timeMs,
  );
  const ownerAddress = network.members.find(({ key }) => key === entry.owner)?.address ?? '';
  return {
    index,
    arrivalMs,
    firstMs: Math.min(...times),
    lastMs: Math.max(...times),
    input: { index, arrivalMs, statement, body, keyOwner: entry.keyOwner, owner: entry.owner, ownerAddress },
  };
}
