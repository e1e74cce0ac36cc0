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
