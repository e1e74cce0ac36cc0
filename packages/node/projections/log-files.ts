// The public files of a log: its checkpoint, and its leaves from the entry bundles.
import type { Source } from '@trine/log/fsck/source.ts';
import {
  decodeBundle,
  fromUtf8,
  type NetworkDocument,
  parseVerifierKey,
  TILE_WIDTH,
  TrineError,
  tilePath,
  verifyCheckpoint,
} from '@trine/protocol';

/** Size and origin of a log. @throws TrineError where it is none of the network */
export async function readCheckpoint(
  source: Source,
  network: NetworkDocument,
): Promise<{ size: number; origin: string }> {
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

/** The entries of a bundle, as far as a log of that size has them. @throws TrineError `damaged` where they are missing */
export async function readBundle(source: Source, size: number, bundle: number): Promise<Uint8Array[]> {
  const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
  // A log in use replaces a partial bundle by the full one: that begins with the same entries.
  const full = await source.read(tilePath({ level: 'entries', index: bundle, width: TILE_WIDTH }));
  const bytes = full ?? (await source.read(tilePath({ level: 'entries', index: bundle, width })));
  if (bytes === undefined)
    throw new TrineError('damaged', `The entries from leaf ${bundle * TILE_WIDTH} on are missing.`);
  return decodeBundle(bytes, full ? TILE_WIDTH : width).slice(0, width);
}

/** Leaves in their order; files of which nobody wants a leaf are not read. */
export async function* leavesOf(
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

export async function leafAt(source: Source, size: number, index: number): Promise<Uint8Array> {
  const entries = await readBundle(source, size, Math.floor(index / TILE_WIDTH));
  return entries[index % TILE_WIDTH] as Uint8Array;
}
