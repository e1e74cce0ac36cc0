// The table of a simulation: what can go wrong, at which step of the flow, and how often it did. A cell that cannot be has
// its reason.

/**
 * The steps of the flow, in its order; before them the two ways in which a node comes to be. `correct` is a decision on what came
 * late, `supersede` the announcement of an order in another's place; a second decider follows the log and cosigns. Of a decision
 * over many parties each has a line of its own (`rows`); those that pay are ordered together (`batch`), come onto the chain
 * (`publish`), and are settled at once (`net`).
 */
export const STEPS = [
  'found',
  'start',
  'accept',
  'verify',
  'sequence',
  'bodies',
  'append',
  'sync',
  'acknowledge',
  'checkpoint',
  'staged',
  'tables',
  'snapshot',
  'decide',
  'rows',
  'correct',
  'evidence',
  'order',
  'batch',
  'sign',
  'follow',
  'cosign',
  'anchor',
  'announce',
  'supersede',
  'settle',
  'publish',
  'net',
  'confirm',
  'vouch',
] as const;
export type Step = (typeof STEPS)[number];

/** What befalls a step. */
export const FAULTS = {
  crash: 'the machine crashes, before it or while it is under way',
  torn: 'the power fails, and of what it writes a part is kept',
  full: 'the disk is full; of the tables: they refuse',
  clock: 'the clock is set, forward or back',
  lost: 'its message is lost',
  doubled: 'its message comes twice',
  late: 'its message comes late, after others that were sent later',
  failed: 'the chain does not answer, and has done nothing',
  unheard: 'the chain has done it, and the answer is lost',
  slow: 'the chain answers late',
  repeated: 'the chain gets it twice',
  forgotten: 'the chain takes the transaction, and forgets it',
  held: 'the chain keeps the transaction waiting',
  reorg: 'the chain takes the block back',
} as const;
export type Fault = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as readonly Fault[];

/** Steps that only some rounds have: of corrections, of a second decider, and of what is netted over many parties. */
export const LATE: readonly Step[] = ['correct', 'supersede'];
export const SHARED: readonly Step[] = ['follow', 'cosign'];
export const NETTED: readonly Step[] = ['rows', 'batch', 'publish', 'net'];

const SENT: readonly Step[] = ['anchor', 'announce', 'supersede', 'settle', 'publish', 'net'];
const ASKING: readonly Step[] = ['found', 'start', ...SENT, 'cosign', 'confirm'];
const LOGGED: readonly Step[] = ['staged', 'decide', 'rows', 'correct', 'order', 'batch', 'vouch'];
const FILES: readonly Step[] = ['found', 'start', 'bodies', 'append', 'checkpoint', ...LOGGED];
const TABLES: readonly Step[] = ['tables', 'snapshot'];
const SQL: readonly Step[] = ['sign', 'follow', 'cosign', 'anchor', 'announce', 'settle', 'publish', 'net', 'confirm'];
const steps: Readonly<Record<Fault, { readonly at: readonly Step[]; readonly else: string }>> = {
  crash: { at: STEPS, else: '' },
  clock: { at: STEPS, else: '' },
  torn: { at: FILES, else: 'it writes no file: at most rows, which a database keeps whole or not at all' },
  full: { at: [...FILES, 'sync', ...TABLES, ...SQL], else: 'it writes nothing' },
  lost: { at: ['accept', 'acknowledge', ...SHARED], else: 'it sends no message' },
  doubled: { at: ['accept', 'verify', 'sequence', 'acknowledge', ...SHARED], else: 'no message leads to it' },
  late: { at: ['accept', 'acknowledge', ...SHARED], else: 'it sends no message' },
  failed: { at: ASKING, else: 'it asks nothing of the chain' },
  unheard: { at: ASKING, else: 'it asks nothing of the chain' },
  slow: { at: ASKING, else: 'it asks nothing of the chain' },
  repeated: { at: ASKING, else: 'it asks nothing of the chain' },
  forgotten: { at: ['found', ...SENT], else: 'it sends no transaction' },
  held: { at: ['found', ...SENT], else: 'it sends no transaction' },
  reorg: { at: [...SENT, 'confirm'], else: 'it has no transaction in a block' },
};

const reasons: Readonly<Partial<Record<`${Fault} ${Step}`, string>>> = {
  'torn sync': 'what is torn is the write before it',
  'full supersede': 'its rows are those of an announcement',
  'reorg found': 'a practice chain that its own node founds has one branch',
};

/** Can the fault befall the step? */
export function isReachable(fault: Fault, step: Step): boolean {
  return steps[fault].at.includes(step);
}

/** All that can be. */
export const CELLS: readonly { readonly fault: Fault; readonly step: Step }[] = FAULT_NAMES.flatMap((fault) =>
  STEPS.filter((step) => isReachable(fault, step)).map((step) => ({ fault, step })),
);

/** How often each fault befell each step: by `fault step`. */
export type Tally = Readonly<Record<string, number>>;

export function added(one: Tally, other: Tally): Tally {
  const sum: Record<string, number> = { ...one };
  for (const [cell, count] of Object.entries(other)) sum[cell] = (sum[cell] ?? 0) + count;
  return sum;
}

/** Cells that can be, and were not. */
export function emptyCells(tally: Tally): string[] {
  return CELLS.map(({ fault, step }) => `${fault} ${step}`).filter((cell) => tally[cell] === undefined);
}

/** The table, in Markdown. `—`: it cannot be. */
export function tableOf(tally: Tally): string {
  const cell = (fault: Fault, step: Step) => (isReachable(fault, step) ? String(tally[`${fault} ${step}`] ?? 0) : '—');
  const lines = STEPS.map((step) => [step, ...FAULT_NAMES.map((fault) => cell(fault, step))]);
  const head = ['step', ...FAULT_NAMES];
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => (line[i] as string).length)));
  const row = (line: readonly string[]) =>
    `| ${line.map((one, i) => (i === 0 ? one.padEnd(widths[i] as number) : one.padStart(widths[i] as number))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [row(head), row(rule), ...lines.map(row)].join('\n');
}

/** Why cells cannot be, in Markdown. */
export function reasonsOf(): string {
  const lines = FAULT_NAMES.filter((fault) => steps[fault].else !== '').map((fault) => {
    const others = Object.entries(reasons).filter(([cell]) => cell.startsWith(`${fault} `));
    const besides = others.map(([cell, why]) => `; ${cell.slice(fault.length + 1)}: ${why}`).join('');
    return `* \`${fault}\` (${FAULTS[fault]}): ${steps[fault].else}${besides}.`;
  });
  return lines.join('\n');
}
