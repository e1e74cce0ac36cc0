// Faults that Solidity can have, at the places that the compiler's own syntax tree names, and the artifacts of a contract
// with one in it.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, posix } from 'node:path';
import { type Fault, root } from './areas.ts';

type Change = Omit<Fault, 'file'>;
interface Place {
  readonly start: number;
  readonly end: number;
}

const solc: string = createRequire(import.meta.url).resolve('solc/solc.js');

interface Node {
  readonly nodeType: string;
  /** Offset and length in bytes, and the number of the file. */
  readonly src: string;
  readonly [field: string]: unknown;
}

interface Compiled {
  readonly abi: unknown;
  readonly ir?: string;
  readonly evm: { readonly bytecode: { readonly object: string } };
}

interface Output {
  readonly errors?: readonly { readonly severity: string }[];
  readonly sources?: Readonly<Record<string, { readonly ast: Node }>>;
  readonly contracts?: Readonly<Record<string, Record<string, Compiled>>>;
}

const otherOperator: Readonly<Record<string, string>> = {
  '==': '!=',
  '!=': '==',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '/',
  '&&': '||',
  '||': '&&',
  '+=': '-=',
  '-=': '+=',
};

/** What a Solidity file imports, by the name the compiler knows it by. */
export function solidityImports(path: string, text: string): string[] {
  return [...text.matchAll(/^import\s+(?:[^"]*from\s+)?"([^"]+)"/gm)].map(([, name = '']) =>
    name.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), name)) : name,
  );
}

function withImports(paths: readonly string[], changed?: { file: string; text: string }): Map<string, string> {
  const texts = new Map<string, string>();
  const open = [...paths];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (texts.has(path)) continue;
    const folder = path.startsWith('@') ? join(root, 'node_modules') : root;
    const text = path === changed?.file ? changed.text : readFileSync(join(folder, path), 'utf8');
    texts.set(path, text);
    open.push(...solidityImports(path, text));
  }
  return texts;
}

/** As contracts/hardhat.config.ts builds. */
const asBuilt: object = {
  evmVersion: 'osaka',
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: 'none' },
};

/** Runs the compiler in a process of its own, so that one that crashes spoils nothing. */
function compile(texts: ReadonlyMap<string, string>, settings: object): Promise<Output> {
  const sources = Object.fromEntries([...texts].map(([path, content]) => [path, { content }]));
  const folder = mkdtempSync(join(tmpdir(), 'trine-solc-'));
  // Files, not pipes: the compiler's command reads its input at once, and ends before a pipe is empty.
  const [input, output] = [join(folder, 'input.json'), join(folder, 'output.json')];
  writeFileSync(input, JSON.stringify({ language: 'Solidity', sources, settings }));
  const [read, write] = [openSync(input, 'r'), openSync(output, 'w')];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [solc, '--standard-json'], { stdio: [read, write, 'inherit'] });
    child.on('error', reject);
    child.on('close', () => {
      closeSync(read);
      closeSync(write);
      const said = readFileSync(output, 'utf8');
      rmSync(folder, { recursive: true });
      try {
        resolve(JSON.parse(said.slice(said.indexOf('{'))));
      } catch (error) {
        reject(new Error(`The compiler said nothing that can be read: ${said.slice(0, 300)}`, { cause: error }));
      }
    });
  });
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'nodeType' in value;

/** A file, and where in it a node stands: a statement without its semicolon. */
interface Read {
  readonly text: string;
  readonly place: (node: Node) => Place;
}

/** Faults of a place. */
function faultsAt(node: Node, { place, text }: Read): Change[] {
  const { start, end } = place(node);
  const of = (part: Node) => text.slice(place(part).start, place(part).end);
  const here = (instead: string): Change => ({ start, end, instead, at: start });
  const between = (left: Node, operator: string): Change[] => {
    const other = otherOperator[operator];
    const from = place(left).end;
    const offset = of(node).indexOf(operator, from - start);
    return other === undefined
      ? []
      : [{ start: start + offset, end: start + offset + operator.length, instead: other, at: start }];
  };
  // An empty statement is an empty block; what a loop does after each turn ends in no semicolon.
  const semicolon = /^\s*;/.exec(text.slice(end))?.[0].length;
  const leftOut: Change[] = semicolon ? [{ start, end: end + semicolon, instead: '{}', at: start }] : [here('')];
  switch (node.nodeType) {
    case 'BinaryOperation':
      return between(node.leftExpression as Node, node.operator as string);
    case 'Assignment':
      return between(node.leftHandSide as Node, node.operator as string);
    case 'UnaryOperation':
      return node.operator === '!' ? [{ start, end: start + 1, instead: '', at: start }] : [];
    case 'IfStatement':
      return ['true', 'false'].map((instead) => ({ ...place(node.condition as Node), instead, at: start }));
    case 'Conditional': {
      const condition = node.condition as Node;
      return [{ ...place(condition), instead: `!(${of(condition)})`, at: start }];
    }
    case 'Literal':
      // Not an address: its checksum would no longer hold.
      if (node.kind === 'number' && !/^0x[0-9a-f]{40}$/i.test(of(node)))
        return [
          here(of(node).replace(/^(0x[\da-f]+|[\d_]+)/i, (digits) => `${BigInt(digits.replaceAll('_', '')) + 1n}`)),
        ];
      return node.kind === 'bool' ? [here(String(node.value !== 'true'))] : [];
    case 'ExpressionStatement':
    case 'RevertStatement':
    case 'EmitStatement':
    case 'Return':
      return leftOut;
    case 'ModifierInvocation':
      return [here('')];
    default:
      return [];
  }
}

/** Every fault of the contracts, in the order of the files. What an error or an event says in full is left alone. */
export async function solidityFaults(files: readonly string[]): Promise<Fault[]> {
  const texts = withImports(files);
  const { sources = {} } = await compile(texts, { stopAfter: 'parsing', outputSelection: { '*': { '': ['ast'] } } });
  return files.flatMap((file) => {
    const text = texts.get(file) as string;
    const bytes = Buffer.from(text);
    const units = (offset: number) => bytes.subarray(0, offset).toString().length;
    const place = ({ src }: Node): Place => {
      const [from = 0, length = 0] = src.split(':').map(Number);
      return { start: units(from), end: units(from + length) };
    };
    const found: Fault[] = [];
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) for (const part of value) visit(part);
      else if (typeof value === 'object' && value !== null) {
        if (isNode(value)) found.push(...faultsAt(value, { text, place }).map((fault) => ({ file, ...fault })));
        if (isNode(value) && value.nodeType === 'RevertStatement') return;
        for (const part of Object.values(value)) visit(part);
      }
    };
    visit(sources[file]?.ast);
    return found.sort((a, b) => a.at - b.at || a.start - b.start || a.end - b.end);
  });
}

interface Made {
  readonly path: string;
  readonly name: string;
  /** Where it is kept, compiled. */
  readonly artifact: string;
}

/** The contracts, and what only tests deploy, that are made with this file, and where each artifact lies. */
function artifactsWith(file: string): Made[] {
  const contracts = readdirSync(join(root, 'contracts/artifacts'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => basename(name, '.json'))
    .map((name) => ({ name, path: `contracts/src/${name}.sol`, artifact: `contracts/artifacts/${name}.json` }));
  const harnesses = readdirSync(join(root, 'contracts/test/fixtures'))
    .map((name) => basename(name, '.json'))
    .map((name) => ({
      name,
      path: `contracts/test/solidity/${name}.sol`,
      artifact: `contracts/test/fixtures/${name}.json`,
    }));
  return [...contracts, ...harnesses].filter(({ path }) => withImports([path]).has(file));
}

const selecting = (made: readonly Made[], outputs: readonly string[]) =>
  Object.fromEntries(made.map(({ path, name }) => [path, { [name]: outputs }]));

/** What the contracts made with a file say without a fault. */
const unchanged = new Map<string, Awaited<ReturnType<typeof intermediate>>>();

/**
 * What each contract says before it is optimised, which takes most of the time: whether it is another one at all.
 *
 * @returns by path, without the numbers of the syntax tree's nodes, which move; undefined where it does not compile
 */
async function intermediate(
  texts: ReadonlyMap<string, string>,
  made: readonly Made[],
): Promise<Map<string, string> | undefined> {
  const outputSelection = selecting(made, ['ir']);
  const { errors, contracts } = await compile(texts, { ...asBuilt, debug: { debugInfo: [] }, outputSelection });
  if (errors?.some(({ severity }) => severity === 'error')) return undefined;
  return new Map(
    made.map(({ path, name }) => [path, (contracts?.[path]?.[name]?.ir ?? '').replaceAll(/_\d+\b/g, '_')]),
  );
}

/**
 * The artifacts that a fault changes.
 *
 * @returns texts by path from the root; 'no code' where it does not compile; 'same code' where every contract stays what
 * it is, byte for byte (trivial compiler equivalence, Papadakis and others, ICSE 2015)
 */
export async function faultyArtifacts(fault: Fault): Promise<Map<string, string> | 'no code' | 'same code'> {
  const { file, start, end, instead } = fault;
  const whole = readFileSync(join(root, file), 'utf8');
  const text = whole.slice(0, start) + instead + whole.slice(end);
  const made = artifactsWith(file);
  const texts = withImports(
    made.map(({ path }) => path),
    { file, text },
  );
  const said = await intermediate(texts, made);
  if (said === undefined) return 'no code';
  const before = unchanged.get(file) ?? (await intermediate(withImports(made.map(({ path }) => path)), made));
  unchanged.set(file, before);
  const differing = made.filter(({ path }) => said.get(path) !== before?.get(path));
  if (differing.length === 0) return 'same code';
  const outputSelection = selecting(differing, ['abi', 'evm.bytecode.object']);
  const { errors, contracts = {} } = await compile(texts, { ...asBuilt, outputSelection });
  if (errors?.some(({ severity }) => severity === 'error')) return 'no code';
  const changed = new Map<string, string>();
  for (const { path, name, artifact } of differing) {
    const contract = contracts[path]?.[name];
    if (contract === undefined) throw new Error(`The compiler left ${name} out.`);
    const bytecode = `0x${contract.evm.bytecode.object}`;
    const committed = JSON.parse(readFileSync(join(root, artifact), 'utf8'));
    if (committed.bytecode !== bytecode)
      changed.set(artifact, JSON.stringify({ ...committed, abi: contract.abi, bytecode }));
  }
  return changed.size > 0 ? changed : 'same code';
}
