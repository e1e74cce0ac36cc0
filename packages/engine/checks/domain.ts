// The shared suite of domains: what the engine and the node rely on, whatever a domain decides.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { amountOf, decisionPayload, isUnit, rowPayload, toHex } from '@trine/protocol';
import { assembled, domainData } from '../abi/data.ts';
import type { Bundled } from '../abi/guest.ts';
import { nativeDeciding } from '../abi/native.ts';
import type { Domain } from '../domain.ts';
import { type Evaluation, evaluate, evaluateRow } from '../evaluate.ts';
import { sandboxedDeciding } from '../sandbox/sandboxed.ts';
import { termsInWords } from '../terms.ts';
import { Scene, type SceneOptions } from '../testing/scene.ts';
import { readQuickjs } from './quickjs.ts';

export interface DomainCase<T> {
  readonly domain: Domain<T>;
  /** Options of a scene with terms that a person could have given. */
  readonly scene: Omit<SceneOptions<T>, 'domain'>;
  /** Lets a scene live: things speak, and at the end several obligations are due by the time returned. */
  readonly live: (scene: Scene<T>) => Promise<number>;
  /** Terms that must be refused, with what the refusal says. */
  readonly wrongTerms: readonly (readonly [terms: unknown, says: RegExp])[];
  /** Files of the domain's sources, to be searched for what a replay cannot repeat. */
  readonly sources: readonly { readonly path: string; readonly text: string }[];
}

const INEXACT =
  /\bDate\b|Math\.(random|exp|log\w*|pow|sin|cos|tan|hypot|cbrt|atan\w*)\b|\*\*|performance\.|process\.|setTimeout|\bIntl\b|toLocale/;

/** Registers the checks. */
export function checkDomain<T>({ domain, scene: options, live, wrongTerms, sources }: DomainCase<T>): void {
  const { name } = domain.manifest;
  const lived = async (): Promise<Scene<T>> => {
    const scene = new Scene<T>({ domain, ...options });
    await scene.decide(await live(scene));
    return scene;
  };

  test(`${name}: the manifest is whole`, () => checkManifest(domain));

  test(`${name}: wrong terms are refused in words before anything is appended`, () => {
    for (const [wrong, says] of wrongTerms) assert.throws(() => domain.terms.parse(wrong), says);
    assert.throws(() => domain.terms.parse(Object.assign({ stranger: 1 }, options.terms)), /stranger/);
    const parsed = domain.terms.parse(options.terms);
    assert.deepEqual(domain.terms.parse(parsed), parsed, 'what was filled in stays');
    const words = termsInWords(domain.terms.schema, parsed, { code: 'EUR', digits: 2 });
    assert.ok(words.length > 0 && words.every(({ title, value }) => title !== '' && value !== ''));
  });

  test(`${name}: decides, and two runs agree to the bit`, async () => {
    const [one, two] = [await lived(), await lived()];
    assert.ok(one.decisions.length > 1, `${one.decisions.length} decisions`);
    assert.deepEqual(bitsOf(one), bitsOf(two));
  });

  test(`${name}: every decision is computed again from its inputs alone, and the input is left as it was`, async () => {
    const scene = new Scene<T>({ domain, ...options });
    const untilMs = await live(scene);
    for (const due of scene.agenda.due(untilMs)) {
      const evaluation = await scene.evaluation(due.obligation, scene.log.length, due.dueMs);
      const before = JSON.stringify(show(evaluation.candidates));
      const first = evaluate(evaluation);
      const inputs = [...first.parts.values()].flat();
      const candidates = [...new Set(inputs)].sort((a, b) => a.index - b.index);
      const again = evaluate({ ...evaluation, candidates });
      assert.deepEqual(decisionPayload.encode(again.decision), decisionPayload.encode(first.decision));
      assert.equal(JSON.stringify(show(evaluation.candidates)), before);
      for (const [key, { row }] of first.rows) {
        const parts = [...(first.parts.get(key) ?? []), ...(first.parts.get('') ?? [])];
        const own = { ...evaluation, candidates: [...new Set(parts)].sort((a, b) => a.index - b.index) };
        checkAlone(domain, evaluation, key);
        const { decision } = first;
        const common = { ...decision, score: decision.score as never, states: new Map() };
        assert.deepEqual(rowPayload.encode(evaluateRow(own, key, common).row), rowPayload.encode(row));
      }
    }
  });

  test(`${name}: its released bundle decides the same, run by this machine and in the sandbox, to the byte`, async (t) => {
    const released = await releasedBundle(name);
    if (released === undefined) return t.skip('not part of the release');
    const bits = async (one: Domain<T>) => {
      const scene = new Scene<T>({ domain: one, ...options });
      await scene.decide(await live(scene));
      return bitsOf(scene);
    };
    const source = await bits(domain);
    assert.deepEqual(await bits(assembled(domainData(domain), nativeDeciding(released.bundled))), source);
    const sandboxed = await sandboxedDeciding(released.code, Object.keys(domain.manifest.verdicts), {
      quickjs: readQuickjs(),
    });
    assert.deepEqual(await bits(assembled(domainData(domain), sandboxed)), source);
  });

  test(`${name}: states survive as bytes, reasons have their places filled, amounts are whole`, async () => {
    for (const { evaluated } of (await lived()).decisions) {
      for (const { disclosure, state } of evaluated.states.values()) assert.ok(disclosure.length > state.length);
      for (const said of [evaluated.decision, ...[...evaluated.rows.values()].map(({ row }) => row)]) {
        assert.ok(Number.isSafeInteger(amountOf(said)) && amountOf(said) >= 0);
        for (const [, place] of said.reason.template.matchAll(/\{(\w+)\}/g))
          assert.ok(Object.hasOwn(said.reason.arguments, place as string), `${said.reason.template}: ${place}`);
      }
    }
  });

  test(`${name}: nothing in the sources depends on clock, chance or engine`, () => {
    for (const { path, text } of sources) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      assert.equal(INEXACT.exec(code)?.[0], undefined, path);
    }
  });
}

function bitsOf({ decisions }: Pick<Scene<unknown>, 'decisions'>): string[][] {
  return decisions.map(({ evaluated: { decision, rows } }) => [
    toHex(decisionPayload.encode(decision)),
    ...[...rows.values()].map(({ row }) => toHex(rowPayload.encode(row))),
  ]);
}

/** The bundle of a domain, where it is part of the release. */
async function releasedBundle(name: string): Promise<{ code: string; bundled: Bundled } | undefined> {
  const folder = new URL('../../../bundles/', import.meta.url);
  const table = JSON.parse(readFileSync(new URL('releases.json', folder), 'utf8')) as { name: string; hash: string }[];
  const hash = table.find((one) => one.name === name)?.hash;
  if (hash === undefined) return undefined;
  const file = new URL(`${hash}.js`, folder);
  const { default: bundled } = (await import(file.href)) as { default: Bundled };
  return { code: readFileSync(file, 'utf8'), bundled };
}

/** Asked for one line alone, a domain looks at the same for it as when it is asked for all; of a stranger at nothing. */
function checkAlone(domain: Domain, { policy, obligation, candidates }: Evaluation, key: string): void {
  const terms = domain.terms.parse(policy.terms);
  const { about } = obligation;
  const opening = about && candidates.find(({ statement }) => toHex(statement.id) === toHex(about))?.event;
  const ofKey = (only?: string) =>
    domain.inputs(terms, obligation, opening, only).filter(({ row }) => row === undefined || row === key);
  assert.deepEqual(ofKey(key), ofKey());
  assert.ok(domain.rows?.(terms, obligation, opening, key).includes(key));
  assert.ok(!domain.rows?.(terms, obligation, opening, `${key}/stranger`).includes(`${key}/stranger`));
}

function checkManifest({ manifest }: Domain): void {
  assert.match(manifest.name, /^[a-z][a-z-]*$/);
  for (const text of [manifest.title, manifest.about, manifest.version]) assert.ok(text.length > 0);
  for (const role of ['payer', 'recipient']) assert.ok(manifest.roles.includes(role), role);
  for (const [thing, { properties }] of Object.entries(manifest.things))
    for (const [quantity, { unit, minimum, maximum }] of Object.entries(properties)) {
      assert.ok(isUnit(unit), `${thing} ${quantity}: ${unit}`);
      assert.ok((minimum ?? Number.NEGATIVE_INFINITY) < (maximum ?? Number.POSITIVE_INFINITY), quantity);
    }
  const ids = manifest.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'panels have ids of their own');
  for (const { of, title } of manifest.panels) assert.ok(of.length > 0 && title.length > 0);
  for (const { path } of manifest.routes) assert.match(path, /^[a-z][a-z-]*$/);
}

/** Bytes as hex, so that values compare and print. */
function show(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? toHex(v) : v)));
}
