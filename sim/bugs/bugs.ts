// Bugs that reviews found once, each as a change of the source that puts it back: the simulation must find every one. They
// are put into a copy of the tree, never into this one.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

interface Edit {
  readonly file: string;
  /** Stands there exactly once. */
  readonly from: string;
  readonly to: string;
}

export interface Bug {
  readonly name: string;
  /** What it does. */
  readonly says: string;
  readonly edits: readonly Edit[];
}

const ADMISSION = 'packages/node/ingest/admission.ts';

export const BUGS: readonly Bug[] = [
  {
    name: 'R2',
    says: 'one statement of any enrolled device ends the node for good: what is sealed is not looked at before it is appended, and no reader gets past it',
    edits: [
      {
        file: ADMISSION,
        from: '    const refusal = keyDirectory.refusalOf(statement, index);\n',
        to: '    if (columns.sealed[i]) return undefined;\n    const refusal = keyDirectory.refusalOf(statement, index);\n',
      },
      {
        file: 'packages/node/projections/runner.ts',
        from: '      this.#rows.push(...rows);\n    } catch (error) {\n      this.skip(entry.index, entry.subject, (error as Error).message);\n    }\n',
        to: '      this.#rows.push(...rows);\n    } catch (error) {\n      throw error;\n    }\n',
      },
    ],
  },
  {
    name: 'R4',
    says: 'acknowledged, and in no leaf: an unforeseen error drops the batch after statements before it were counted, and nothing is taken back',
    edits: [
      {
        file: ADMISSION,
        from: '    const refusal = keyDirectory.refusalOf(statement, index);\n    if (refusal) return { refusal };\n    checkPayload(statement);\n',
        to: "    if (statement.payload[0] === 0xff) throw new TypeError('The encoded data was not valid.');\n    const refusal = keyDirectory.refusalOf(statement, index);\n    if (refusal) return { refusal };\n    checkPayload(statement);\n",
      },
      {
        file: ADMISSION,
        from: "      return { refusal: 'malformed', message: error instanceof TrineError ? error.message : String(error) };\n",
        to: '      throw error;\n',
      },
    ],
  },
  {
    name: 'R8',
    says: 'a decision is bound to too little: decided on whatever is there, however long before it is due',
    edits: [
      {
        file: 'packages/node/decide/decider.ts',
        from: '        const [due] = this.#stopped ? [] : scheduler.due(scheduled, now());\n',
        to: '        const [due] = this.#stopped ? [] : scheduler.due(scheduled, now() + 1_500);\n',
      },
      {
        file: 'packages/node/decide/decider.ts',
        from: '    const cut = row?.leaf ?? undefined;\n',
        to: '    const cut = row?.leaf ?? this.#options.log.durableSize;\n',
      },
    ],
  },
  {
    name: 'R8 twice',
    says: 'a decider does not remember what it signed: an obligation is decided again after a start',
    edits: [
      {
        file: 'packages/node/projections/open.ts',
        from: '      await noteDecisions(sources, logged, decider, agenda, below);\n',
        to: '',
      },
      {
        file: 'packages/node/decide/scheduler.ts',
        from: '      if (before) this.#schedule(logged)?.agenda.restore(before);\n',
        to: '      if (before === null) this.#schedule(logged);\n',
      },
    ],
  },
  {
    name: 'R8 beside',
    says: 'a second decider forgets what it wrote down before a crash: what it was about to sign gets no second name, and is never paid',
    edits: [
      {
        file: 'packages/node/codecide/co-decider.ts',
        from: '    const said: Said[] = await this.#finish();\n',
        to: '    const said: Said[] = [];\n',
      },
    ],
  },
  {
    name: 'R11',
    says: 'an older copy of the data folder is gone on with, and forks the log',
    edits: [
      {
        file: 'packages/node/node.ts',
        from: '  await checkAnchored(log, () => latestAnchor(chain, contracts, origin));\n',
        to: '',
      },
    ],
  },
  {
    name: 'R12',
    says: 'a lost wake-up: what was decided while a round of orders was under way is never ordered, and payments stop',
    edits: [
      {
        file: 'packages/node/settle/orders.ts',
        from: '    this.#dueAt = Number.POSITIVE_INFINITY;\n    await runner.flush();\n',
        to: '    await runner.flush();\n',
      },
      {
        file: 'packages/node/settle/orders.ts',
        from: '            isOrdered = await this.#orderBatch(payable);\n          });\n    }\n',
        to: '            isOrdered = await this.#orderBatch(payable);\n          });\n    }\n    this.#dueAt = Math.min(...[...this.#unordered.values()].map(({ againAt }) => againAt), Number.POSITIVE_INFINITY);\n',
      },
    ],
  },
];

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What the simulation runs. */
const PARTS = ['packages', 'domains', 'bundles', 'examples', 'contracts', 'sim', 'package.json', 'tsconfig.json'];

/**
 * Copies the tree into an empty folder and puts a bug into the copy.
 * @returns the program of the copy that runs rounds
 * @throws Error where the source has changed so that the bug fits no more
 */
export function treeWith({ name, edits }: Bug, folder: string): URL {
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@trine'), { recursive: true });
  for (const entry of readdirSync(join(ROOT, 'node_modules')))
    if (entry !== '@trine') symlinkSync(join(ROOT, 'node_modules', entry), join(modules, entry));
  for (const { name: workspace, path } of workspaces())
    symlinkSync(join(folder, path), join(modules, '@trine', workspace));
  for (const { file, from, to } of edits) {
    const path = join(folder, file);
    const parts = readFileSync(path, 'utf8').split(from);
    if (parts.length !== 2)
      throw new Error(`${name}: what it changes in ${file} stands there ${parts.length - 1} times.`);
    writeFileSync(path, parts.join(to));
  }
  return pathToFileURL(join(folder, 'sim/seeded/round.child.ts'));
}

/** Workspaces of the copy, by their name in `@trine`. */
function workspaces(): { readonly name: string; readonly path: string }[] {
  const folders = [...readdirSync(join(ROOT, 'packages')).map((one) => `packages/${one}`), 'domains', 'contracts'];
  const all = [...folders, ...readdirSync(join(ROOT, 'examples')).map((one) => `examples/${one}`)];
  return all.map((path) => {
    const { name } = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')) as { name: string };
    return { name: name.slice('@trine/'.length), path };
  });
}
