// A result as a Markdown page: every figure with what it is measured against.
import type { Result } from './result.ts';
import type { SealedResult } from './scenarios/sealed.ts';

const whole = (value: number) => Math.round(value).toLocaleString('en');
const micro = (seconds: number) => (seconds * 1e6).toFixed(0);
const ratio = (value: number) => value.toFixed(2);
const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');

/** @param file name of the JSON file with all that was measured */
export function toMarkdown(result: Result, file: string): string {
  return [
    '# Benchmark results',
    '',
    `Made by \`npm run bench\` on ${result.date}; all that was measured: [${file}](${file}).`,
    '',
    machineText(result),
    '',
    '## One signature',
    '',
    table(
      ['Ed25519 checks (node:crypto)', 'a second'],
      [
        ['one core', whole(result.verify.oneCorePerSecond)],
        ['all cores', whole(result.verify.allCoresPerSecond)],
        ['CPU time of one', `${micro(result.verify.cpuSecondsEach)} µs`],
      ],
    ),
    '',
    '## The whole way: MQTT → verified, sealed, fsynced → signed acknowledgement',
    '',
    'The load generator signs beforehand, runs in a process of its own on the same cores, and verifies every',
    'acknowledgement. Node CPU counts all threads of the node, views included; its ratio to the check of one signature',
    'does not depend on what else the machine did meanwhile.',
    '',
    table(
      [
        '',
        'statements/s',
        'of the verify rate',
        'readings/s',
        'readings/s into views',
        'node CPU a statement',
        'of one check',
      ],
      result.sealed.map((one) => sealedRow(one, result)),
    ),
    '',
    '## Beside it, unsealed: Mosquitto → subscriber → PostgreSQL',
    '',
    ...unsealedText(result),
    '',
    '## Publish → receipt',
    '',
    `At ${whole(result.latency.statementsPerSecond)} statements/s, half of the maximum: p50 ${whole(result.latency.p50Ms)} ms, ` +
      `p99 ${whole(result.latency.p99Ms)} ms (${result.latency.receipts} receipts in hand, each an inclusion proof under a published checkpoint).`,
    '',
    '## Evidence, start-up, memory, gas',
    '',
    table(['what', 'figure'], otherRows(result)),
    '',
  ].join('\n');
}

function machineText({ machine, repetitions, loadBefore }: Result): string {
  return `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, Linux ${machine.kernel}. Medians of ${repetitions} runs where not said otherwise. Load average when it began: ${loadBefore.toFixed(1)}; figures by the clock hold for a machine left alone (about 0).`;
}

function sealedRow(one: SealedResult, { verify }: Result): string[] {
  return [
    `${one.name} (${one.packsPerMessage} a message)`,
    whole(one.statementsPerSecond),
    ratio(one.statementsPerSecond / verify.allCoresPerSecond),
    whole(one.readingsPerSecond),
    whole(one.storedReadingsPerSecond),
    `${micro(one.nodeCpuSecondsPerStatement)} µs`,
    ratio(one.nodeCpuSecondsPerStatement / verify.cpuSecondsEach),
  ];
}

function unsealedText({ unsealed, sealed }: Result): string[] {
  if (unsealed.absent.length > 0) return [`Not measured: ${unsealed.absent.join(' and ')} not installed here.`];
  const rows = unsealed.results.map((plain) => {
    const ours = sealed.find(({ name }) => name === plain.name)?.readingsPerSecond ?? Number.NaN;
    return [
      plain.name,
      whole(plain.insertReadingsPerSecond),
      ratio(ours / plain.insertReadingsPerSecond),
      whole(plain.copyReadingsPerSecond),
      ratio(ours / plain.copyReadingsPerSecond),
    ];
  });
  return [
    `${unsealed.versions.join(', ')}; nothing is signed, verified or provable there, and the sender gets no word of what was committed.`,
    'The same readings in messages of the same packs, as JSON; rows inserted in batches, or copied.',
    '',
    table(['', 'readings/s, INSERT', 'ours : INSERT', 'readings/s, COPY', 'ours : COPY'], rows),
  ];
}

function otherRows({ evidence, paying, start, memory, gas }: Result): string[][] {
  const browser =
    evidence.browserMs === undefined ? 'Chromium not installed here' : `${evidence.browserMs.toFixed(1)} ms`;
  return [
    [
      `evidence of a payment verified in Node (${whole(evidence.fileBytes)} bytes, ${evidence.verdict})`,
      `${evidence.nodeMs.toFixed(1)} ms`,
    ],
    ['the same in Chromium', browser],
    ...(['embedded', 'external'] as const).map((kind) => {
      const { median, longest } = paying[`${kind}Ms`];
      const where = kind === 'embedded' ? 'the embedded chain' : 'an external one, a block a second';
      return [
        `window end → paid, on ${where} (${paying.windows} windows)`,
        `median ${whole(median)} ms, longest ${whole(longest)} ms`,
      ];
    }),
    ['start-up, first', `${start.firstSeconds.toFixed(1)} s`],
    ['start-up, second', `${start.secondSeconds.toFixed(1)} s`],
    ['resident memory, idle', `${whole(memory.idleMiB)} MiB`],
    ...memory.afterMillionsMiB.map((mib, i) => [`resident memory after ${i + 1}M readings`, `${whole(mib)} MiB`]),
    ...Object.entries(gas).map(([name, used]) => [`gas: ${name}`, whole(used)]),
  ];
}
