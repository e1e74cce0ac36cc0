// What the past of a thing proposes for terms that were left out: used, and said; where it proposes nothing, nobody guesses.
import { type TermsSchema, toLearn } from '@trine/engine';
import type { Client } from './client.ts';
import { CommandError, exitStatus } from './output.ts';
import type { TermsFlags } from './terms.ts';

export interface Learnt {
  readonly terms: Readonly<Record<string, unknown>>;
  /** What was proposed and used, for people. */
  readonly words: readonly string[];
}

/**
 * Terms with what was left out and can be learnt.
 * @throws CommandError where the thing never said anything usable: then whoever asks says it
 */
export async function withLearnt(
  client: Client,
  schema: TermsSchema,
  terms: Readonly<Record<string, unknown>>,
  flags: Pick<TermsFlags, 'flagOf'>,
): Promise<Learnt> {
  const found: Record<string, unknown> = {};
  const words: string[] = [];
  for (const { name, ...query } of toLearn(schema, terms)) {
    if (terms[name] !== undefined) continue;
    const rate = await client.ask(client.api.GET('/api/v1/rate', { params: { query } }));
    if (rate.proposed === undefined)
      throw new CommandError(`${rate.words} Say it: ${flags.flagOf(name)} NUMBER.`, exitStatus.failed);
    found[name] = rate.proposed;
    words.push(`${rate.words} Another number: ${flags.flagOf(name)}.`);
  }
  return { terms: { ...terms, ...found }, words };
}
