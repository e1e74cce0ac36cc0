// The faults themselves: the same for a seed, each a change, none where the program stays what it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { areas, type Fault, root } from './areas.ts';
import { describe, drawn } from './draw.ts';
import { equivalents, isSaid } from './equivalent.ts';
import { isBeside, readReach } from './reach.ts';
import { faultyArtifacts, solidityFaults } from './solidity.ts';
import { faultyTypescript, typescriptFaults } from './typescript.ts';

const area = (name: string) => areas.find((one) => one.name === name) as (typeof areas)[number];
const authorize = area('authorize').sources.flatMap(typescriptFaults);
const contracts = await solidityFaults(area('contracts').sources);
const all = [
  ...areas.filter(({ name }) => name !== 'contracts').flatMap(({ sources }) => sources.flatMap(typescriptFaults)),
  ...contracts,
];

test('the same seed draws the same faults, each once; another seed others', () => {
  const order = (seed: number) => [...drawn(authorize, seed)].map(describe);
  assert.deepEqual(order(1), order(1));
  assert.notDeepEqual(order(1).slice(0, 20), order(2).slice(0, 20));
  assert.deepEqual(order(1).sort(), authorize.map(describe).sort());
});

test('a fault changes the text where it says so, and nothing around it', () => {
  for (const fault of [...authorize, ...contracts]) {
    const { file, start, end, instead, at } = fault;
    const was = readFileSync(join(root, file), 'utf8').slice(start, end);
    assert.ok(at <= start && start < end && was !== instead, describe(fault));
  }
  const faulty = authorize.map(faultyTypescript).filter((text) => text !== undefined);
  assert.equal(faulty.length, authorize.length);
  assert.equal(new Set(faulty).size, authorize.length);
});

test('every area has sources, tests that come to each of them, and faults', () => {
  const reach = readReach();
  for (const { name, sources, tests } of areas)
    for (const file of sources.filter((one) => all.some((fault) => fault.file === one))) {
      const near = reach.distances(file);
      assert.ok(
        tests.some((one) => near.has(one)),
        `${name}: no test loads ${file}`,
      );
    }
  assert.ok(isBeside('packages/engine/evaluate.test.ts', 'packages/engine/evaluate.ts'));
  assert.ok(!isBeside('packages/engine/gate.test.ts', 'packages/engine/evaluate.ts'));
});

test('a contract with a fault is compiled; what makes no program, or the same one, is told apart', async () => {
  const token = contracts.filter(({ file }) => file === 'contracts/src/FiatToken.sol');
  const [noRole] = token.filter(
    ({ instead, start, end }) => instead === '' && textOf(start, end).startsWith('onlyRole'),
  );
  const artifacts = await faultyArtifacts(noRole as Fault);
  assert.ok(artifacts instanceof Map);
  assert.deepEqual([...artifacts.keys()], ['contracts/artifacts/FiatToken.json']);
  const { start, end } = noRole as Fault;
  assert.equal(await faultyArtifacts({ ...(noRole as Fault), instead: textOf(start, end) }), 'same code');
  assert.equal(await faultyArtifacts({ ...(noRole as Fault), instead: 'noSuchModifier' }), 'no code');
});

const textOf = (start: number, end: number) =>
  readFileSync(join(root, 'contracts/src/FiatToken.sol'), 'utf8').slice(start, end);

test('whatever is said to be no fault stands in the sources, once', () => {
  for (const one of equivalents) {
    const { file, line, was, instead, why } = one;
    const found = all.filter((fault) => isSaid(one, fault));
    assert.equal(found.length, 1, `${file}: ${line}: ${was} → ${instead}`);
    assert.ok(why.length > 20);
  }
});
