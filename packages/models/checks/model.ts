// What every model is checked for, whatever its family: an arithmetic its runtime allows, and an identity by hash.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identify, readSource } from '../hash.ts';
import type { Model } from '../model.ts';

const root = new URL('../', import.meta.url);

/** Registers the checks with `node:test`. @param model any entry of `models.ts` */
export function checkModel(model: Model): void {
  test(`${model.name}: sources`, () => checkSources(model));
  test(`${model.name}: identity`, () => checkIdentity(model));
}

/** What ECMAScript leaves to the engine (`Math.log`, `**`, …), and what is no function of the input. */
const FORBIDDEN =
  /\bMath\b(?!\s*\.\s*(?:sqrt|abs|floor|ceil|min|max|trunc|sign|imul|fround|clz32)\b)|\*\*|\b(?:Date|performance|crypto|process|globalThis|Intl)\b|toLocale|\bimport\s*\(/;

/**
 * The first thing in a model's source that could differ between machines or runs; undefined if there is none.
 *
 * @param source TypeScript; comments are ignored
 * @example inexact('Math.log(x)') // 'Math'
 */
export function inexact(source: string): string | undefined {
  return FORBIDDEN.exec(withoutComments(source))?.[0];
}

const withoutComments = (source: string): string => source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

function checkSources(model: Model): void {
  assert.ok(model.sources.length > 0);
  for (const path of model.sources.filter((name) => name.endsWith('.ts'))) {
    const source = new TextDecoder().decode(readSource(root, path));
    if (model.runtime === 'strict') {
      const found = inexact(source);
      assert.equal(found, undefined, `packages/models/${path} uses ${found}: exactly defined arithmetic only`);
    }
    const chance = /\bMath\.random\b|\bDate\.now\b|\bperformance\./.exec(withoutComments(source))?.[0];
    assert.equal(chance, undefined, `packages/models/${path} uses ${chance}: models have neither clock nor chance`);
    for (const [, imported = ''] of withoutComments(source).matchAll(/^import (?!type)[^;]* from '(\.[^']+)'/gm)) {
      const name = new URL(imported, `file:///${path}`).pathname.slice(1);
      assert.ok(
        model.sources.includes(name),
        `packages/models/${path} imports ${imported}, which is not among the hashed sources`,
      );
    }
  }
}

function checkIdentity(model: Model): void {
  const identity = identify(model);
  for (const hash of [identity.code, identity.configuration, identity.runtime]) assert.match(hash, /^[0-9a-f]{64}$/);
  assert.deepEqual(identify({ ...model }), identity);
  const other = { ...model, config: { ...model.config, extra: 1 } };
  assert.notEqual(identify(other).configuration, identity.configuration);
  if (model.sources.length > 1)
    assert.notEqual(identify({ ...model, sources: [...model.sources].reverse() }).code, identity.code);
  assert.deepEqual(JSON.parse(JSON.stringify(model.config)), model.config, 'the configuration is plain JSON');
}
