// trine agreement join, codes: accounts of lines that join an agreement, one or thousands.
import type { Schemas } from '@trine/client';
import { fromHex, lineAccountDigest, signDigest } from '@trine/protocol';
import { Command } from 'commander';
import { type NodeFlags, withNode } from './client.ts';
import { readGivenText } from './files.ts';
import { action, CommandError, clearProgress, examples, exitStatus, print, printJson, showProgress } from './output.ts';
import { agreementGiven, Desk, type SignerFlags, withSigner } from './signing.ts';

/** As many as a request takes. */
const AT_ONCE = 100;
const SHOWN_MAX = 20;

interface Join {
  readonly key: string;
  readonly address: string;
  readonly signature: string;
  readonly code: string;
}

interface JoinFlags extends SignerFlags {
  readonly row?: string;
  readonly code?: string;
  readonly csv?: string;
}

/** A line for each of hundreds of thousands. */
const TABLE_BYTES_MAX = 134_217_728;

/** Lines of `row,address,signature`, and a code where there is one; the first line names the columns. @throws CommandError */
function readJoins(path: string): (Omit<Join, 'code'> & { code?: string })[] {
  const [head = '', ...lines] = readGivenText(path, 'table', TABLE_BYTES_MAX).split(/\r?\n/);
  const names = head.split(',').map((name) => name.trim());
  const at = (name: string) => names.indexOf(name);
  for (const name of ['row', 'address', 'signature'])
    if (at(name) < 0) throw new CommandError(`${path}: the first line names the columns row,address,signature[,code].`);
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    const cells = line.split(',').map((cell) => cell.trim());
    const cell = (name: string) => cells[at(name)] ?? '';
    const [key, address, signature, code] = [
      cell('row'),
      cell('address').toLowerCase(),
      cell('signature'),
      cell('code'),
    ];
    if (!/^0x[0-9a-f]{40}$/.test(address) || !/^0x[0-9a-fA-F]{130}$/.test(signature))
      throw new CommandError(`${path}, line ${i + 2}: expected an address and a signature of 65 bytes, both with 0x.`);
    return [{ key, address, signature: signature.toLowerCase(), ...(code && { code }) }];
  });
}

/** Those without a code get it from the node, which gives it to who runs it. */
async function withCodes({ client }: Desk, id: string, joins: readonly (Omit<Join, 'code'> & { code?: string })[]) {
  if (joins.every(({ code }) => code !== undefined)) return joins as Join[];
  const all = await client.ask(client.api.GET('/api/v1/agreements/{id}/codes', { params: { path: { id } } }));
  const codes = new Map(all.map(({ key, code }) => [key, code]));
  return joins.map((one): Join => {
    const code = one.code ?? codes.get(one.key);
    if (code === undefined) throw new CommandError(`The agreement has no line ${one.key}.`);
    return { ...one, code };
  });
}

async function own(desk: Desk, id: string, { row, code }: JoinFlags) {
  if (row === undefined) throw new CommandError('Say for which line: --row KEY, or --csv FILE for many.');
  const { chain } = desk.network;
  const { address, key } = desk.own;
  // Lines of many are settled in batches.
  const digest = lineAccountDigest(fromHex(id), row, { chainId: chain.id, contract: chain.batch });
  return [{ key: row, address, signature: signDigest(digest, key), ...(code !== undefined && { code }) }];
}

const join = examples(
  withSigner(new Command('join'))
    .description('let an account join an agreement for a line, or thousands from a file')
    .argument('<agreement>', 'id, or the first 6 or more digits')
    .option('--row <key>', 'of the line, signed for with --key')
    .option('--code <code>', 'of the line (default: asked of the node, which tells who runs it)')
    .option('--csv <file>', 'columns row,address,signature[,code]: signatures made elsewhere')
    .action(
      action(async (given: string, flags: JoinFlags) => {
        const desk = await Desk.open(flags);
        const id = (await agreementGiven(desk, given)).slice(2);
        const joins = await withCodes(
          desk,
          id,
          flags.csv === undefined ? await own(desk, id, flags) : readJoins(flags.csv),
        );
        const { client } = desk;
        const done: Schemas['JoinedAccount'][] = [];
        for (let at = 0; at < joins.length; at += AT_ONCE) {
          const call = client.api.POST('/api/v1/agreements/{id}/accounts', {
            params: { path: { id } },
            body: { accounts: joins.slice(at, at + AT_ONCE) },
          });
          done.push(...(await client.ask(call)).accounts);
          if (joins.length > AT_ONCE) showProgress(`${done.length} of ${joins.length}`, done.length === joins.length);
        }
        clearProgress();
        const refused = done.filter(({ error }) => error !== undefined);
        if (flags.json) printJson(done);
        else
          print([
            `${done.length - refused.length} of ${done.length} joined.`,
            ...refused.slice(0, SHOWN_MAX).map(({ key, error }) => `  ${key}: ${error}`),
            ...(refused.length > SHOWN_MAX ? [`  and ${refused.length - SHOWN_MAX} more`] : []),
          ]);
        return refused.length === 0 ? undefined : exitStatus.failed;
      }),
    ),
  `Exit status: 0 all joined, 1 some were refused.

Examples:
  trine agreement join 5b1e77 --row home/7 --code 31c0… --key home.secret
  trine agreement join 5b1e77 --csv accounts.csv`,
);

const codes = withNode(new Command('codes'))
  .description('the code of each line, for its holder alone: row,code')
  .argument('<agreement>', 'id, or the first 6 or more digits')
  .option('--json', 'print them as JSON')
  .action(
    action(async (given: string, flags: NodeFlags & { json?: boolean }) => {
      const desk = await Desk.open(flags);
      const id = (await agreementGiven(desk, given)).slice(2);
      const { client } = desk;
      const all = await client.ask(client.api.GET('/api/v1/agreements/{id}/codes', { params: { path: { id } } }));
      if (flags.json) printJson(all);
      else print(['row,code', ...all.map(({ key, code }) => `${key},${code}`)]);
      return undefined;
    }),
  );

export const joiningCommands: readonly Command[] = [join, codes];
