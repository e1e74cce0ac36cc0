// Packs of an evidence file, each read once, and no more readings than a reader can hold.
import { limits } from '../limits.ts';
import type { Reading } from '../senml/reading.ts';
import { decodePack } from '../senml/senml.ts';
import type { Contents, LoggedStatement } from './contents.ts';
import { StepError } from './report.ts';

export class PackReader {
  /** Readings so far. */
  count = 0;
  readonly #contents: Contents;
  readonly #known = new Map<number, readonly Reading[]>();

  constructor(contents: Contents) {
    this.#contents = contents;
  }

  /** @throws FormatError where a pack is of no form; StepError beyond the limit of a file */
  readings(pack: LoggedStatement): readonly Reading[] {
    let found = this.#known.get(pack.order);
    if (found === undefined) {
      const { contentType, subject, clock } = pack.statement.header;
      found = decodePack(this.#contents.body(pack), contentType, subject, clock);
      this.count += found.length;
      if (this.count > limits.evidenceReadingsMax)
        throw new StepError(`The file holds more than ${limits.evidenceReadingsMax} readings.`);
      this.#known.set(pack.order, found);
    }
    return found;
  }

  /** Event times of a statement; of what has none of its own, its arrival. */
  timesOf(one: LoggedStatement): readonly number[] {
    const { header } = one.statement;
    if (header.clock === 'none' || header.kind !== 'pack') return [one.arrivalMs];
    return this.readings(one).map(({ timeMs }) => timeMs);
  }
}
