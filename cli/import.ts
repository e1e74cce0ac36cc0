// trine import: replays files of measurements over MQTT, signed by the importer about each subject.
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { mqttConnection } from '@trine/device/mqtt-transport.ts';
import { openSigner } from '@trine/node/access/keystore.ts';
import { didKey, parseDidKey } from '@trine/protocol';
import { Command } from 'commander';
import { Client } from './client.ts';
import { homeFolder } from './home.ts';
import { givenOf, type ImportFlags, importOptions } from './import/flags.ts';
import { planFile } from './import/formats/plan.ts';
import { askKnown } from './import/known.ts';
import { DEFAULT_SUBJECTS, patternOf } from './import/mapping.ts';
import { findRepeats, wordsOfConflicts } from './import/repeats.ts';
import { type ImportFile, type ImportSummary, runImport } from './import/run.ts';
import { Sender } from './import/sender.ts';
import { preview, showMapping, showSummary } from './import/show.ts';
import { SourceFile } from './import/source.ts';
import { ImportState } from './import/state.ts';
import { action, CommandError, exitStatus, printJson, say } from './output.ts';

/** As shells report a command ended by Ctrl-C. */
const INTERRUPTED = 130;

export const importCsv: Command = importOptions(new Command('import')).action(
  action(async (paths: string[], flags: ImportFlags) => {
    const files = await plan(paths, flags);
    const questions = files.flatMap((one) => one.questions);
    if (flags.dryRun) return questions.length > 0 ? exitStatus.unusable : undefined;
    // A guess that could be wrong is sealed for good: whoever cannot be asked says it with a flag.
    if (questions.length > 0 && (!process.stdin.isTTY || flags.yes))
      throw new CommandError(`Nothing was imported, because it is not clear how: ${questions.join(' ')}`);
    if (process.stdin.isTTY && !flags.yes && !(await confirmed(questions.length > 0))) return exitStatus.failed;
    const stop = new AbortController();
    process.once('SIGINT', () => {
      say(['', 'Stopping: what is read is still sent. Ctrl-C again ends at once; nothing is lost either way.']);
      stop.abort();
    });
    const { sender, state, client } = await openSender(flags);
    const { speed, duplicates } = flags;
    try {
      const summary = await runImport(files, sender, {
        open: flags.open === true,
        ...(speed !== undefined && { speed }),
        ...(duplicates && { duplicates }),
        known: ({ file, mapping, repeats }) => askKnown(client, file, mapping, repeats, duplicates),
        signal: stop.signal,
      });
      if (flags.json) printJson(summary);
      else showSummary(summary);
      if (summary.interrupted) return INTERRUPTED;
      return isComplete(summary) ? exitStatus.ok : exitStatus.failed;
    } finally {
      await sender.close();
      state.close();
    }
  }),
);

/** A day ahead: clocks of other time zones. */
const AHEAD_MS = 86_400_000;

interface Planned extends ImportFile {
  readonly questions: readonly string[];
}

/** Nothing was refused, no number was left out without being asked to, and each file gave readings. */
function isComplete({ refused, datedAhead, files }: ImportSummary): boolean {
  return (
    Object.keys(refused).length === 0 &&
    datedAhead === 0 &&
    files.every(({ readings, lost, leftOut }) => readings > 0 && lost === 0 && !leftOut.some(({ isLoss }) => isLoss))
  );
}

/** A name for a key's file, from the subjects it speaks of. */
function importerName(pattern: string): string {
  const name = pattern.replace('*', '').replace(/[^A-Za-z0-9._-]+/g, '-');
  return name.replace(/^[^A-Za-z0-9]+|-+$/g, '').slice(0, 60);
}

/** Finds out how to read each file, and shows it. */
async function plan(paths: readonly string[], flags: ImportFlags): Promise<Planned[]> {
  const given = givenOf(flags);
  const files: Planned[] = [];
  for (const path of paths) {
    const file = new SourceFile(path, flags);
    try {
      const planned = await planFile(file, given, Date.now() + AHEAD_MS);
      const { mapping, left } = planned;
      const repeats = await findRepeats(file, mapping, flags.duplicates);
      const questions = [...planned.questions];
      // Read in another way it may say nothing twice: one question comes first.
      if (repeats.conflicts > 0 && flags.duplicates === undefined && questions.length === 0)
        questions.push(wordsOfConflicts(repeats, mapping));
      showMapping(file, { ...planned, questions });
      if (flags.dryRun) await preview(file, mapping, flags.json === true);
      files.push({ file, mapping, leftOut: left, repeats, questions });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new CommandError(`${path}: ${error.message}`);
    }
  }
  return files;
}

/** @param isDoubtful something was asked: only a yes is one */
async function confirmed(isDoubtful: boolean): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Import like this? ${isDoubtful ? '[y/N]' : '[Y/n]'} `);
  terminal.close();
  return (isDoubtful ? /^(?:y|yes)$/i : /^(?:y|yes|)$/i).test(answer.trim());
}

/** Makes or finds the importer: its key, its enrolment, what it remembers, its connection. */
async function openSender(flags: ImportFlags): Promise<{ sender: Sender; state: ImportState; client: Client }> {
  // Before `{file}` is filled in, so that one key serves all files; never wider than the subjects need.
  const pattern = patternOf(flags.subject ?? DEFAULT_SUBJECTS);
  const name = flags.as ?? importerName(pattern);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new CommandError('Name the importer with --as: letters, digits, dots and dashes.');
  const client = new Client(flags);
  const gateway = await client.gateway();
  const folder = join(homeFolder(flags.home), 'import', gateway.network.slice(6, 14));
  const state = new ImportState(folder, name, pattern);
  try {
    const signer = openSigner(folder, name);
    const keyOwner = `importer/${name}`;
    const key = didKey(signer.publicKey);
    const body = {
      key,
      subject: keyOwner,
      name: `Importer ${name}`,
      class: 'imported' as const,
      subjects: [pattern],
    };
    await client.ask(client.api.POST('/api/v1/devices', { body }));
    say(
      `Signed as ${keyOwner} (${key.slice(0, 24)}…), for ${pattern}, class imported; MQTT ${flags.mqtt ?? gateway.mqtt}.`,
    );
    const sender = new Sender({
      state,
      connection: mqttConnection(flags.mqtt ?? gateway.mqtt, `import-${name}`),
      signer,
      keyOwner,
      network: gateway.network,
      gateway: parseDidKey(gateway.key),
      open: flags.open === true,
      pack: flags.pack,
      patienceMs: flags.timeout * 1000,
      lastKnown: (subject) => client.head(subject, keyOwner),
    });
    return { sender, state, client };
  } catch (error) {
    state.close();
    throw error;
  }
}
