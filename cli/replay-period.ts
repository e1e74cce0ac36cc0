// trine replay over a period: from the files of a log, without a node.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Change,
  type Decided,
  type DecidingModel,
  type Domains,
  type ReplayedObligation,
  type ReplayedPeriod,
  type ReplayRequest,
  replayPeriod,
  zones,
  zonesIdentity,
} from '@trine/engine';
import { BodyReader } from '@trine/node/access/bodies.ts';
import { policyHmacOf } from '@trine/node/access/salts.ts';
import { type BodySource, type LogFolder, readLogFolder } from '@trine/node/projections/log-folder.ts';
import type { LoggedPolicy } from '@trine/node/projections/policies.ts';
import {
  countOf,
  csvCell,
  formatAmount,
  formatTime,
  limits,
  type Monitor,
  modelHash,
  type NetworkDocument,
  type Parameters,
  type Policy,
  TrineError,
  toHex,
} from '@trine/protocol';
import { readTime } from './arguments.ts';
import { domains } from './domains.ts';
import { readGivenText } from './files.ts';
import { homeFolder, ownNetwork, readNetworkFile } from './home.ts';
import { CommandError, exitStatus, print, printJson, showProgress, table } from './output.ts';
import { readTerms, type WrittenTerms } from './terms.ts';

export interface PeriodFlags {
  readonly agreement?: string;
  readonly monitor?: string;
  readonly all?: boolean;
  readonly subject?: string;
  readonly domain: string;
  readonly currency?: string;
  readonly from?: string;
  readonly to?: string;
  readonly with?: string;
  readonly set: WrittenTerms;
  readonly most?: number;
  readonly log?: string;
  readonly bodies?: string;
  readonly network?: string;
  readonly home?: string;
  readonly csv?: string;
  readonly json?: boolean;
}

/** What is asked, and what came of it. */
interface Answered {
  readonly request: ReplayRequest;
  readonly hash: string | undefined;
  readonly period: ReplayedPeriod;
  /** Minor units in words. */
  readonly money: (amount: number) => string;
}

/** Is a period asked for, rather than one decision? */
export function asksPeriod(flags: Partial<PeriodFlags>): boolean {
  return [flags.agreement, flags.monitor, flags.subject, flags.all].some((flag) => flag !== undefined);
}

const SHOWN_MAX = 20;
const PROGRESS_MS = 500;

export async function replayThePeriod(flags: PeriodFlags): Promise<number> {
  const home = homeFolder(flags.home);
  const network = flags.network === undefined ? ownNetwork(home) : readNetworkFile(flags.network);
  if (network === undefined)
    throw new CommandError(`There is no network document in ${home}: name one you trust with --network.`);
  const folder = await readFolder(flags, home, network);
  const installed = await domains(home);
  const answers: Answered[] = [];
  for (const { request, hash } of requestsOf(folder, flags, installed))
    answers.push(await answer(folder, installed, request, hash));
  if (flags.csv !== undefined) writeCsv(flags.csv, answers);
  const isSame = answers.every(({ period }) => period.same === period.obligations.length);
  const isQuestion = answers.some(({ request }) => isChanged(request));
  if (flags.json)
    printJson(answers.map(({ request, hash, period }) => ({ title: request.policy.title, hash, ...period })));
  else {
    for (const one of answers) show(one, answers.length > 1);
    if (answers.length > 1) showSum(answers.map(({ period }) => period));
  }
  // With a change there is no right or wrong: the question was answered.
  return isQuestion || isSame ? exitStatus.ok : exitStatus.failed;
}

async function answer(
  folder: LogFolder,
  installed: Domains,
  request: ReplayRequest,
  hash: string | undefined,
): Promise<Answered> {
  try {
    const period = await replayPeriod(folder, installed, request);
    const { currency } = period;
    const money = (amount: number) => (currency === '' ? 'nothing' : formatAmount(amount, currency, folder.network));
    return { request, hash, period, money };
  } catch (error) {
    if (!(error instanceof TrineError)) throw error;
    throw new CommandError(`"${request.policy.title}": ${error.message}`);
  }
}

function readFolder(flags: PeriodFlags, home: string, network: NetworkDocument): Promise<LogFolder> {
  const isOwn = flags.log === undefined;
  return readLogFolder(flags.log ?? join(home, 'log', 'public'), {
    network,
    bodies: openBodies(flags.bodies ?? (isOwn ? join(home, 'bodies') : undefined)),
    hmac: isOwn ? policyHmacOf(home) : undefined,
    onProgress: meter(),
  });
}

function openBodies(folder: string | undefined): BodySource {
  if (folder === undefined) return { read: () => undefined };
  try {
    return new BodyReader(folder);
  } catch (error) {
    throw new CommandError(`The bodies in ${folder} cannot be read: ${(error as Error).message}`);
  }
}

function isChanged({ change, logged }: ReplayRequest): boolean {
  return logged === undefined || Object.values(change).some((value) => value !== undefined);
}

function requestsOf(
  folder: LogFolder,
  flags: PeriodFlags,
  installed: Domains,
): { request: ReplayRequest; hash: string | undefined }[] {
  const period = {
    fromMs: flags.from === undefined ? 0 : readTime(flags.from),
    toMs: flags.to === undefined ? Number.MAX_SAFE_INTEGER : readTime(flags.to),
  };
  if (flags.subject !== undefined) {
    const policy = newPolicy(folder, flags.subject, flags, installed);
    const change = changeOf(folder, { ...flags, set: {} }, policy, installed);
    return [{ request: { policy, logged: undefined, ...period, change }, hash: undefined }];
  }
  return chosen(folder, flags).map((logged) => {
    const { policy, hash } = logged;
    return { request: { policy, logged, ...period, change: changeOf(folder, flags, policy, installed) }, hash };
  });
}

function chosen(folder: LogFolder, { agreement, monitor, all }: PeriodFlags): LoggedPolicy[] {
  const known = folder.policies.all();
  if (all) return known;
  const wanted = (agreement ?? monitor ?? '').toLowerCase();
  const found = known.filter((one) => one.hash.startsWith(wanted) || (one.id && toHex(one.id).startsWith(wanted)));
  const [only] = found;
  if (only !== undefined && found.length === 1) return [only];
  const lines = known.map(({ id, hash, policy }) =>
    id ? `  agreement ${toHex(id)}  ${policy.title}` : `  monitor   ${hash}  ${policy.title}`,
  );
  const count = found.length === 0 ? 'No' : 'More than one';
  throw new CommandError([`${count} agreement or monitor begins with ${wanted}. The log holds:`, ...lines].join('\n'));
}

/** A policy that nobody proposed yet, about a thing whose readings are in the log. */
function newPolicy(folder: LogFolder, subject: string, flags: PeriodFlags, installed: Domains): Policy {
  const { domain } = installed.get(flags.domain);
  const { properties = {}, required = [] } = domain.terms.schema;
  const named = required.filter((name) => properties[name]?.kind === 'subject').map((name) => [name, subject]);
  const terms = domain.terms.parse({ ...Object.fromEntries(named), ...readTerms(domain.terms.schema, flags.set) });
  const isCalendar = domain.triggers(terms).some(({ on }) => on === 'calendar');
  const [member] = folder.network.members;
  const monitor: Monitor = {
    trine: 'monitor/1',
    network: folder.network.id,
    origins: [folder.origin],
    domain: flags.domain,
    title: `What would be decided on ${subject}`,
    subject,
    terms: terms as Monitor['terms'],
    period: { startMs: 0, endMs: limits.calendarMsMax },
    ...(isCalendar && { zones: zonesIdentity(zones) }),
    model: installed.identity(flags.domain),
    gate: { ownersMin: 0, classMin: 'simulated', heartbeat: subject, heartbeatGapMsMax: Number.MAX_SAFE_INTEGER },
    deciders: { list: member ? [{ key: member.key }] : [] },
    ...(flags.currency && { currency: flags.currency }),
  };
  return monitor;
}

function changeOf(folder: LogFolder, flags: PeriodFlags, policy: Policy, installed: Domains): Change {
  const { schema } = installed.get(policy.domain).domain.terms;
  return {
    ...(Object.keys(flags.set).length > 0 && { terms: readTerms(schema, flags.set) }),
    ...(flags.most !== undefined && { perObligationMax: flags.most }),
    ...(flags.with !== undefined && { model: modelFor(folder, flags.with, policy, installed) }),
  };
}

/** A registered model by the beginning of its hash, or a file with parameters. */
function modelFor(folder: LogFolder, given: string, policy: Policy, installed: Domains): DecidingModel {
  if (/^[0-9a-f]{8,64}$/.test(given)) {
    const found = folder.models.registered().filter(({ model }) => toHex(modelHash(model.identity)).startsWith(given));
    if (found.length === 1 && found[0]) return folder.models.deciding(found[0].model.identity);
    if (toHex(modelHash(policy.model)).startsWith(given)) return folder.models.deciding(policy.model);
    throw new CommandError(
      `${found.length === 0 ? 'No' : 'More than one'} model registered in this log begins with ${given}.`,
    );
  }
  let parameters: Parameters;
  try {
    parameters = JSON.parse(readGivenText(given, 'model', PARAMETERS_BYTES_MAX)) as Parameters;
  } catch (error) {
    throw new CommandError(
      `${given} is neither the hash of a model nor a file with parameters: ${(error as Error).message}`,
    );
  }
  return { identity: installed.identity(policy.domain, parameters), parameters };
}

function meter(): (done: number, total: number) => void {
  let last = performance.now();
  return (done, total) => {
    if (performance.now() - last < PROGRESS_MS && done < total) return;
    last = performance.now();
    if (process.stderr.isTTY) showProgress(`${done} of ${countOf(total, 'leaf', 'leaves')}`, done === total);
  };
}

const time = (ms: number) => formatTime(ms).replace('.000Z', 'Z');

/** How often each verdict came out. @example '12 met, 3 breached' */
function counted(obligations: readonly ReplayedObligation[]): string {
  const counts = new Map<string, number>();
  for (const { after } of obligations) if (after) counts.set(after.verdict, (counts.get(after.verdict) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ') || 'none';
}

function show(answered: Answered, isOneOfMany: boolean): void {
  const { request, period, money } = answered;
  const { obligations, computed, same } = period;
  const isNew = request.logged === undefined;
  const isQuestion = isChanged(request);
  const line = isNew
    ? `${countOf(computed, 'obligation')} decided: ${counted(obligations)}`
    : `${same} of ${countOf(obligations.length, 'obligation')} ${isQuestion ? 'decided alike' : 'the same, bit for bit'}`;
  const { title, subject } = request.policy;
  if (isOneOfMany) {
    print(`${same === obligations.length || isQuestion ? '✓' : '✗'} ${title} (${subject}): ${line}`);
    return;
  }
  const shown = isNew
    ? obligations.filter(({ after }) => after && after.outcome !== 'none')
    : obligations.filter(({ isSame, before }) => !isSame && (before !== undefined || isQuestion));
  print([
    `${title} (${subject})`,
    line,
    ...(shown.length > 0 ? [table(shown.slice(0, SHOWN_MAX).map((one) => lineOf(one, isNew, money)))] : []),
    ...(shown.length > SHOWN_MAX ? [`  … and ${shown.length - SHOWN_MAX} more: --csv FILE writes all`] : []),
    conclusion(answered),
  ]);
}

function lineOf(
  { fromMs, before, after, problem }: ReplayedObligation,
  isNew: boolean,
  money: Answered['money'],
): string[] {
  const words = (decided: Decided) => {
    const ordered = decided.outcome === 'none' ? '' : `, ${decided.outcome} ${money(decided.amount)}`;
    return `${decided.verdict}${ordered} (${decided.reason})`;
  };
  const came = after ? words(after) : 'not computed';
  return [
    `  ${time(fromMs)}`,
    ...(isNew ? [] : [before ? words(before) : 'not decided']),
    problem ?? `${isNew ? '' : '→ '}${came}`,
  ];
}

function conclusion({ request, period, money }: Answered): string {
  const { obligations, same, amountBefore, amountAfter } = period;
  if (request.logged === undefined) return `Would have cost ${money(amountAfter)}.`;
  if (isChanged(request)) return `${money(amountBefore)} was decided; it would have been ${money(amountAfter)}.`;
  if (obligations.length === 0) return 'Nothing was decided in this period yet.';
  return same === obligations.length ? '✓ Everything came out the same.' : '✗ Not everything came out the same.';
}

function showSum(periods: readonly ReplayedPeriod[]): void {
  const sum = (pick: (period: ReplayedPeriod) => number) => periods.reduce((total, period) => total + pick(period), 0);
  print(
    `In all ${sum(({ same }) => same)} of ${countOf(
      sum(({ obligations }) => obligations.length),
      'obligation',
    )} the same, ${countOf(
      sum(({ statements }) => statements),
      'statement',
    )} looked at, under ${countOf(periods.length, 'agreement or monitor', 'agreements and monitors')}.`,
  );
}

const PARAMETERS_BYTES_MAX = 67_108_864;
const CSV_HEAD = 'subject,from,to,before,outcome,amount,reason,after,outcome,amount,reason,problem';

function writeCsv(path: string, answers: readonly Answered[]): void {
  const rows = answers.flatMap(({ request, period }) =>
    period.obligations.map(({ fromMs, toMs, before, after, problem }) => [
      request.policy.subject,
      time(fromMs),
      time(toMs),
      ...[before, after].flatMap((one) => [one?.verdict, one?.outcome, one?.amount, one?.reason]),
      problem,
    ]),
  );
  writeFileSync(path, [CSV_HEAD, ...rows.map((row) => row.map(csvCell).join(','))].join('\n').concat('\n'));
}
