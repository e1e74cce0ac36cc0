// trine replay over a period: from the files of a log, without a node.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Domain } from '@trine/engine/domain.ts';
import type { DecidingModel } from '@trine/engine/evaluate.ts';
import {
  type Change,
  type ReplayedPeriod,
  type ReplayedWindow,
  type ReplayRequest,
  replayPeriod,
  subjectsOf,
} from '@trine/engine/period.ts';
import { BodyReader } from '@trine/node/access/bodies.ts';
import { type BodySource, type LogFolder, readLogFolder } from '@trine/node/projections/log-folder.ts';
import { modelHash, type Parameters, type Policy, toHex } from '@trine/protocol';
import { type Entries, readDuration, readTime } from './arguments.ts';
import { domains } from './domains.ts';
import { homeFolder, ownNetwork, readNetworkFile } from './home.ts';
import { CommandError, exitStatus, print, printJson, showProgress, table } from './output.ts';

export interface PeriodFlags {
  readonly agreement?: string;
  readonly watch?: string;
  readonly all?: boolean;
  readonly subject?: string;
  readonly domain: string;
  readonly window: string;
  readonly currency?: string;
  readonly from?: string;
  readonly to?: string;
  readonly with?: string;
  readonly set: Entries;
  readonly most?: number;
  readonly log?: string;
  readonly bodies?: string;
  readonly network?: string;
  readonly home?: string;
  readonly csv?: string;
  readonly json?: boolean;
}

/** Is a period asked for, rather than one decision? */
export function asksPeriod(flags: Partial<PeriodFlags>): boolean {
  return (
    flags.agreement !== undefined || flags.watch !== undefined || flags.subject !== undefined || flags.all === true
  );
}

const SHOWN_MAX = 20;
const PROGRESS_MS = 500;

export async function replayThePeriod(flags: PeriodFlags): Promise<number> {
  const home = homeFolder(flags.home);
  const network = flags.network === undefined ? ownNetwork(home) : readNetworkFile(flags.network);
  if (network === undefined)
    throw new CommandError(`There is no network document in ${home}: name one you trust with --network.`);
  const folder = await readLogFolder(flags.log ?? join(home, 'log', 'public'), { network, onProgress: meter() });
  const bodies = openBodies(flags.bodies ?? (flags.log === undefined ? join(home, 'bodies') : undefined));
  const installed = domains();
  const requests = requestsOf(folder, flags, installed);
  const subjects = new Set(requests.flatMap(({ terms }) => subjectsOf(terms)));
  const packs = await folder.packs([...subjects], bodies);
  const results: { request: ReplayRequest; period: ReplayedPeriod }[] = [];
  for (const request of requests) {
    const domain = installed.find(({ name }) => name === request.terms.domain);
    if (domain === undefined) throw new CommandError(`The domain ${request.terms.domain} is not installed here.`);
    try {
      results.push({ request, period: await replayPeriod(folder, domain, packs, request) });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new CommandError(`"${request.terms.title}": ${error.message}`);
    }
  }
  if (flags.csv !== undefined) writeCsv(flags.csv, results);
  const isSame = results.every(({ period }) => period.same === period.windows.length);
  const isAsked = requests.every(({ change, hash }) => Object.keys(change).length === 0 && hash);
  if (flags.json)
    printJson(results.map(({ request, period }) => ({ title: request.terms.title, terms: request.hash, ...period })));
  else for (const { request, period } of results) show(request, period, results.length > 1);
  if (!flags.json && results.length > 1) showSum(results.map(({ period }) => period));
  // With a change there is no right or wrong: the question was answered.
  return isAsked && !isSame ? exitStatus.failed : exitStatus.ok;
}

function openBodies(folder: string | undefined): BodySource {
  if (folder === undefined) return { read: () => undefined };
  try {
    return new BodyReader(folder);
  } catch (error) {
    throw new CommandError(`The bodies in ${folder} cannot be read: ${(error as Error).message}`);
  }
}

function requestsOf(folder: LogFolder, flags: PeriodFlags, installed: readonly Domain[]): ReplayRequest[] {
  const period = {
    fromMs: flags.from === undefined ? 0 : readTime(flags.from),
    toMs: flags.to === undefined ? Number.MAX_SAFE_INTEGER : readTime(flags.to),
  };
  if (flags.subject !== undefined) {
    const terms = newTerms(folder, flags, installed);
    const change = changeOf(folder, flags, terms, installed, false);
    return [{ terms, hash: undefined, id: undefined, ...period, change }];
  }
  return chosen(folder, flags).map(({ terms, hash, id }) => ({
    terms,
    hash,
    id,
    ...period,
    change: changeOf(folder, flags, terms, installed, true),
  }));
}

function chosen(folder: LogFolder, { agreement, watch, all }: PeriodFlags) {
  const known = folder.policies.all();
  if (all) return known;
  const wanted = (agreement ?? watch ?? '').toLowerCase();
  const found = known.filter((one) => one.hash.startsWith(wanted) || (one.id && toHex(one.id).startsWith(wanted)));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new CommandError(
      [
        `${found.length === 0 ? 'No' : 'More than one'} agreement or watch begins with ${wanted}. The log holds:`,
        ...known.map(
          (one) => `  ${one.id ? `agreement ${toHex(one.id)}` : `watch     ${one.hash}`}  ${one.terms.title}`,
        ),
      ].join('\n'),
    );
  return [only];
}

/** Terms that nobody agreed on yet, about a thing whose readings are in the log. */
function newTerms(folder: LogFolder, flags: PeriodFlags, installed: readonly Domain[]): Policy {
  const domain = installed.find(({ name }) => name === flags.domain);
  if (domain === undefined) throw new CommandError(`The domain ${flags.domain} is not installed here.`);
  const lengthMs = readDuration(flags.window);
  const fromMs = flags.from === undefined ? 0 : readTime(flags.from);
  const startMs = Math.floor(fromMs / lengthMs) * lengthMs;
  return {
    trine: 'watch/1',
    network: folder.network.id,
    domain: flags.domain,
    title: `What would be decided on ${flags.subject}`,
    subject: flags.subject as string,
    window: { startMs, endMs: Number.MAX_SAFE_INTEGER, lengthMs, graceMs: 0 },
    rule: flags.set,
    model: domain.model(),
    gate: { ownersMin: 0, classMin: 'simulated', heartbeat: 'none', heartbeatGapMsMax: lengthMs },
    ...(flags.currency && { currency: flags.currency }),
  };
}

function changeOf(
  folder: LogFolder,
  flags: PeriodFlags,
  terms: Policy,
  installed: readonly Domain[],
  mayChangeRule: boolean,
): Change {
  const rule: Change = {
    ...(mayChangeRule && Object.keys(flags.set).length > 0 && { rule: flags.set }),
    ...(flags.most !== undefined && { perObligationMax: flags.most }),
  };
  if (flags.with === undefined) return rule;
  return { ...rule, model: modelFor(folder, flags.with, terms, installed) };
}

/** A registered model by the beginning of its hash, or a file with parameters. */
function modelFor(folder: LogFolder, given: string, terms: Policy, installed: readonly Domain[]): DecidingModel {
  if (/^[0-9a-f]{8,64}$/.test(given)) {
    const found = folder.models.registered().filter(({ model }) => toHex(modelHash(model.identity)).startsWith(given));
    if (found.length === 1 && found[0]) return folder.models.deciding(found[0].model.identity);
    if (toHex(modelHash(terms.model)).startsWith(given)) return folder.models.deciding(terms.model);
    throw new CommandError(
      `${found.length === 0 ? 'No' : 'More than one'} model registered in this log begins with ${given}.`,
    );
  }
  const domain = installed.find(({ name }) => name === terms.domain);
  if (domain === undefined) throw new CommandError(`The domain ${terms.domain} is not installed here.`);
  let parameters: Parameters;
  try {
    parameters = JSON.parse(readFileSync(given, 'utf8')) as Parameters;
  } catch (error) {
    throw new CommandError(
      `${given} is neither the hash of a model nor a file with parameters: ${(error as Error).message}`,
    );
  }
  try {
    return { identity: domain.model(parameters), parameters };
  } catch (error) {
    throw new CommandError(`${given}: ${(error as Error).message}`);
  }
}

function meter(): (done: number, total: number) => void {
  let last = performance.now();
  return (done, total) => {
    if (performance.now() - last < PROGRESS_MS && done < total) return;
    last = performance.now();
    if (process.stderr.isTTY) showProgress(`${done} of ${total} leaves`, done === total);
  };
}

const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
const money = (minor: number, currency: string) => `${(minor / 100).toFixed(2)} ${currency}`.trim();
const differs = ({ sealed, replayed }: ReplayedWindow) =>
  sealed !== undefined &&
  replayed !== undefined &&
  (sealed.verdict !== replayed.verdict || sealed.outcome !== replayed.outcome || sealed.amount !== replayed.amount);

function show({ terms, change, hash }: ReplayRequest, period: ReplayedPeriod, isOneOfMany: boolean): void {
  const { windows, computed, same, currency } = period;
  const isNew = hash === undefined;
  const isChanged = Object.keys(change).length > 0;
  const line = isNew
    ? `${computed} windows decided, ${windows.filter(({ replayed }) => replayed?.verdict === 'breached').length} breached`
    : `${same} of ${windows.length} windows ${isChanged ? 'decided alike' : 'the same, bit for bit'}`;
  if (isOneOfMany) {
    print(`${same === windows.length || isChanged ? '✓' : '✗'} ${terms.title} (${terms.subject}): ${line}`);
    return;
  }
  const shown = isNew
    ? windows.filter(({ replayed }) => replayed?.verdict === 'breached')
    : isChanged
      ? windows.filter(differs)
      : windows.filter(({ sealed, replayed }) => sealed?.id !== replayed?.id);
  const rows = shown
    .slice(0, SHOWN_MAX)
    .map(({ fromMs, sealed, replayed, problem }) => [
      `  ${time(fromMs)}`,
      ...(isNew ? [] : [sealed ? say(sealed, currency) : 'not decided']),
      problem ?? `${isNew ? '' : '→ '}${replayed ? say(replayed, currency) : 'not computed'}`,
    ]);
  print([
    `${terms.title} (${terms.subject})`,
    line,
    ...(rows.length > 0 ? [table(rows)] : []),
    ...(shown.length > SHOWN_MAX ? [`  … and ${shown.length - SHOWN_MAX} more: --csv FILE writes all`] : []),
    isNew
      ? `Would have cost ${money(period.amountReplayed, currency)}.`
      : isChanged
        ? `${money(period.amountSealed, currency)} was decided; it would have been ${money(period.amountReplayed, currency)}.`
        : same === windows.length
          ? windows.length === 0
            ? 'Nothing was decided in this period yet.'
            : '✓ Everything came out the same.'
          : '✗ Not everything came out the same.',
  ]);
}

function say({ verdict, outcome, amount, reason }: NonNullable<ReplayedWindow['sealed']>, currency: string): string {
  return `${verdict}${outcome === 'none' ? '' : `, ${outcome} ${money(amount, currency)}`} (${reason})`;
}

function showSum(periods: readonly ReplayedPeriod[]): void {
  const sum = (pick: (period: ReplayedPeriod) => number) => periods.reduce((total, period) => total + pick(period), 0);
  print(
    `In all ${sum(({ same }) => same)} of ${sum(({ windows }) => windows.length)} windows the same, ${sum(({ readings }) => readings)} readings, under ${periods.length} agreements and monitors.`,
  );
}

function writeCsv(path: string, results: readonly { request: ReplayRequest; period: ReplayedPeriod }[]): void {
  const cell = (value: unknown) =>
    /[",\n]/.test(String(value ?? '')) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? '');
  const head = [
    'subject',
    'from',
    'to',
    'sealed',
    'outcome',
    'amount',
    'reason',
    'replayed',
    'outcome',
    'amount',
    'reason',
    'problem',
  ];
  const rows = results.flatMap(({ request, period }) =>
    period.windows.map(({ fromMs, toMs, sealed, replayed, problem }) => [
      request.terms.subject,
      time(fromMs),
      time(toMs),
      ...[sealed, replayed].flatMap((one) => [one?.verdict, one?.outcome, one?.amount, one?.reason]),
      problem,
    ]),
  );
  writeFileSync(
    path,
    [head, ...rows]
      .map((row) => row.map(cell).join(','))
      .join('\n')
      .concat('\n'),
  );
}
