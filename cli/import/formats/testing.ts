// What an import would make of a file, for tests.
import { Command } from 'commander';
import { givenOf, importOptions } from '../flags.ts';
import { SourceFile } from '../source.ts';
import { openFile } from './open.ts';
import { type Plan, planFile } from './plan.ts';

/** @param flags as on the command line */
export async function planOf(path: string, flags: readonly string[]): Promise<Plan & { readonly file: SourceFile }> {
  const command = importOptions(new Command('import')).action(() => undefined);
  command.parse(['FILE', ...flags], { from: 'user' });
  const file = new SourceFile(path);
  return { ...(await planFile(file, givenOf(command.opts()), Date.now())), file };
}

/** What would be signed: time, subject, quantity, value and unit. */
export async function readingsOf(path: string, flags: readonly string[]): Promise<string[]> {
  const { mapping, file } = await planOf(path, flags);
  const { reader, rows } = openFile(file, mapping);
  const found: string[] = [];
  for await (const row of rows)
    reader.read(row, (subject, { timeMs, quantity, value, unit }) => {
      const time = new Date(timeMs).toISOString().replace('.000Z', 'Z');
      found.push(`${time} ${subject} ${quantity} ${JSON.stringify(value)} ${unit}`.trim());
    });
  return found;
}

/** A file of Green Button with entries (NAESB REQ.21, ESPI). */
export const espi = (...entries: string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xmlns:espi="http://naesb.org/espi"><title>Green &amp; Button</title>\n${entries.map((one) => `<entry>${one}</entry>`).join('\n')}</feed>`;
/** An entry with so many hours of a meter. */
export const usage = (count: number) =>
  `<link rel="up" href="/UsagePoint/7/MeterReading/1/IntervalBlock"/><content><espi:IntervalBlock>${Array.from(
    { length: count },
    (_, i) =>
      `<espi:IntervalReading><espi:ReadingQuality><espi:quality>${i === 0 ? 9 : 17}</espi:quality></espi:ReadingQuality><espi:timePeriod><espi:duration>3600</espi:duration><espi:start>${1_717_200_000 + 3600 * i}</espi:start></espi:timePeriod><espi:value>${450 + 50 * i}</espi:value></espi:IntervalReading>`,
  ).join('')}</espi:IntervalBlock></content>`;
/** The entry that says that values are watt hours. */
export const wattHours =
  '<content><espi:ReadingType><espi:powerOfTenMultiplier>0</espi:powerOfTenMultiplier><espi:uom>72</espi:uom></espi:ReadingType></content>';
