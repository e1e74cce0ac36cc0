// Where mapped readings come from: the file may hold the messages as they came and the mappings that read them; whoever can
// map computes the readings again.

import { fromUtf8, toHex } from '../../bytes.ts';
import { decodeCbor } from '../../cbor/cbor.ts';
import { sha256 } from '../../crypto.ts';
import { canonicalJson } from '../../jcs.ts';
import { limits } from '../../limits.ts';
import { type PackOrigin, readOrigin } from '../../senml/origin.ts';
import type { Reading } from '../../senml/reading.ts';
import { contentTypes } from '../../senml/senml.ts';
import { countOf } from '../../words.ts';
import type { Contents, LoggedStatement } from '../contents.ts';
import type { Evidence } from '../format.ts';
import type { PackReader } from '../packs.ts';
import { type ReportedSource, StepError } from '../report.ts';
import type { Verification } from '../verification.ts';

/** What a mapping makes of a message: readings by subject; those without a time of their own are undated. */
export type MapAgain = (
  mapping: unknown,
  message: Uint8Array,
  arrivalMs: number,
) =>
  | readonly { readonly subject: string; readonly readings: readonly Reading[]; readonly isDated: boolean }[]
  | undefined;

interface Mapped {
  readonly pack: LoggedStatement;
  readonly origin: PackOrigin;
}

/** Packs of the file that were mapped, of those whose body is there. */
function mappedPacks(contents: Contents): Mapped[] {
  return contents.of('pack').flatMap((pack) => {
    const { sealed, contentType } = pack.statement.header;
    if ((sealed && !contents.hasDisclosure(pack)) || contentType !== contentTypes.senmlCbor) return [];
    const origin = readOrigin(contents.body(pack));
    return origin === undefined ? [] : [{ pack, origin }];
  });
}

/**
 * Checks the origins that the file shows, and says what it does not show.
 * @param again maps anew; without it the gateway's word is taken
 */
export async function verifyOrigins(
  {
    evidence,
    contents,
    packs,
    step,
    assumptions,
  }: Pick<Verification, 'evidence' | 'contents' | 'packs' | 'step' | 'assumptions'>,
  again: MapAgain | undefined,
): Promise<ReportedSource[]> {
  const mapped = mappedPacks(contents);
  const { sources } = evidence;
  let computed = 0;
  let told: ReportedSource[] = [];
  if (sources !== undefined)
    computed = await step('origins', () => {
      const shown = namedBy(sources, mapped);
      let count = 0;
      told = mapped.flatMap((one) => sourceOf(one, shown) ?? []);
      for (const one of mapped) count += again === undefined ? 0 : checkOne(one, shown, packs, again);
      const what = `${countOf(shown.messages.size, 'message')}, ${countOf(shown.mappings.size, 'mapping')}`;
      return {
        value: count,
        detail:
          again === undefined ? `${what}; not mapped again` : `${what}; ${countOf(count, 'reading')} computed again`,
      };
    });
  const all = mapped.reduce((sum, { pack }) => sum + packs.readings(pack).length, 0);
  if (all > computed)
    assumptions.push(
      `That whoever signed ${countOf(all - computed, 'mapped reading')} made ${all - computed === 1 ? 'it' : 'them'} of what came as the mapping says: it was not computed again here.`,
    );
  return told;
}

/** The message and the mapping of a pack, where both are shown. @throws StepError where the message is none */
function sourceOf({ pack, origin }: Mapped, { mappings, messages }: Shown): ReportedSource | undefined {
  const mapping = mappings.get(toHex(origin.mapping));
  const message = messages.get(toHex(origin.raw));
  if (mapping === undefined || message === undefined) return undefined;
  const [topic, payload, isRetained] = decodeCbor(message) as unknown[];
  if (typeof topic !== 'string' || !(payload instanceof Uint8Array) || typeof isRetained !== 'boolean')
    throw new StepError('A message is none: it has a topic, a payload, and whether a broker had kept it.');
  const { source } = origin;
  const { subject } = pack.statement.header;
  return { leaf: pack.index, subject, topic, payload, isRetained, mapping, ...(source !== undefined && { source }) };
}

interface Shown {
  readonly mappings: ReadonlyMap<string, unknown>;
  readonly messages: ReadonlyMap<string, Uint8Array>;
}

/** By their hashes. @throws StepError for what no pack names, and for a mapping in another form than its hash is of */
function namedBy({ mappings, messages }: NonNullable<Evidence['sources']>, mapped: readonly Mapped[]): Shown {
  const named = {
    mapping: new Set(mapped.map(({ origin }) => toHex(origin.mapping))),
    raw: new Set(mapped.map(({ origin }) => toHex(origin.raw))),
  };
  const byHash = (list: readonly Uint8Array[], names: ReadonlySet<string>, what: string) => {
    const found = new Map<string, Uint8Array>();
    let last = '';
    for (const bytes of list) {
      const hash = toHex(sha256(bytes));
      if (!names.has(hash)) throw new StepError(`The file holds a ${what} that no pack in it was made by.`);
      if (hash <= last) throw new StepError(`The ${what}s are not each once and in the order of their hashes.`);
      last = hash;
      found.set(hash, bytes);
    }
    return found;
  };
  const read = new Map<string, unknown>();
  for (const [hash, bytes] of byHash(mappings, named.mapping, 'mapping')) {
    const mapping: unknown = JSON.parse(fromUtf8(bytes));
    if (canonicalJson(mapping) !== fromUtf8(bytes)) throw new StepError('A mapping is not in its canonical form.');
    read.set(hash, mapping);
  }
  return { mappings: read, messages: byHash(messages, named.raw, 'message') };
}

/**
 * Every reading of the pack is one that its mapping makes of the message; others may have been said before.
 * @returns how many were computed again: none where mapping or message are not shown, or nothing here runs its code; and none
 *   whose value alone was, because nothing in the message says that it is of the time that the pack gives
 */
function checkOne({ pack, origin }: Mapped, { mappings, messages }: Shown, packs: PackReader, again: MapAgain): number {
  const mapping = mappings.get(toHex(origin.mapping));
  const message = messages.get(toHex(origin.raw));
  if (mapping === undefined || message === undefined) return 0;
  const { subject, clock } = pack.statement.header;
  const made = again(mapping, message, pack.arrivalMs)?.filter((one) => one.subject === subject);
  if (made === undefined) return 0;
  const keys = (isTimed: boolean, of: readonly (typeof made)[number][]) =>
    new Set(of.flatMap(({ readings }) => readings.map((reading) => keyOf(reading, isTimed))));
  const dated = keys(true, clock === 'none' ? [] : made.filter(({ isDated }) => isDated));
  const undated = keys(
    false,
    made.filter(({ isDated }) => !isDated),
  );
  // Of a clock that is none, the time is the arrival, whatever the message says.
  const possible = clock === 'none' ? keys(false, made) : undated;
  let computed = 0;
  for (const reading of packs.readings(pack)) {
    const isDated = dated.has(keyOf(reading, true));
    if (!isDated && !possible.has(keyOf(reading, false)))
      throw new StepError(
        `Mapped again, the message behind leaf ${pack.index} gives no ${reading.quantity} of ${reading.value} ${reading.unit}`.trim() +
          '.',
      );
    // What has no time of its own is of its arrival, here or, a little before, at the gateway.
    const isNow = clock === 'none' || Math.abs(reading.timeMs - pack.arrivalMs) <= limits.eventTimeAheadMsMax;
    if (isDated || (isNow && undated.has(keyOf(reading, false)))) computed++;
  }
  return computed;
}

const keyOf = ({ quantity, unit, value, timeMs }: Reading, isDated: boolean): string =>
  JSON.stringify([quantity, unit, value, isDated ? timeMs : '']);
