// The node as a whole, composed: it starts, stops in order, starts again, and lets go of everything where a start fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Domains } from '@trine/engine';
import { type NodeDependencies, sandboxFiles } from './dependencies.ts';
import { type Node, startNode } from './node.ts';
import { isPractice } from './settings.ts';
import { installedCounting } from './testing/parts.ts';
import { settingsOf, World } from './testing/world.ts';

const settings = settingsOf({ device: { ...settingsOf().device, enabled: false } });

function started(world: World, change: Partial<NodeDependencies> = {}, steps: string[] = []): Promise<Node> {
  const life = { isOver: false };
  const mqtt = { name: 'mqtt', health: { connected: true, sinceMs: 0 }, close: async () => undefined };
  const dependencies: NodeDependencies = {
    ...world.system(life),
    store: () => world.openStore(life),
    network: { openMqtt: async () => mqtt as never },
    chain: (_, keys) => world.reach(keys, life),
    sandbox: sandboxFiles,
    probe: { hostname: 'test', residentBytes: () => 1, freeBytes: async () => 2 ** 40 },
    end: (_, error) => assert.fail(error),
    ...change,
  };
  const onProgress = (step: string) => void steps.push(step.replace(/ \d+ of \d+/, ''));
  const domains = new Domains([installedCounting]);
  return world.does(startNode(settings, { domains, dependencies, onProgress }));
}

test('it starts, speaks by itself, stops, and goes on as the same node', async () => {
  const world = await World.make();
  const steps: string[] = [];
  const first = await started(world, {}, steps);
  assert.deepEqual(
    [...new Set(steps)],
    ['chain and contracts', 'log', 'projections', 'identities', 'agreements', 'MQTT', 'own device'],
  );
  await world.reaches(world.time.elapsedMs + 11_000);
  const beats = await world.does(first.store.query('SELECT count(*) AS count FROM readings WHERE stream = 0'));
  assert.ok((beats[0]?.count as number) >= 2);
  await world.does(first.stop());
  const { size } = first.log;
  const second = await started(world);
  assert.deepEqual([second.genesis.network.id, second.subject], [first.genesis.network.id, first.subject]);
  assert.ok(second.log.size >= size);
  await world.does(second.stop());
});

test('where a start fails half-way, what was opened is closed: the next one gets the log', async () => {
  const world = await World.make();
  const network = { openMqtt: () => Promise.reject(new Error('The port is taken.')) };
  await assert.rejects(started(world, { network }), /port is taken/);
  const node = await started(world);
  await world.does(node.stop());
});

test('practice is the embedded chain, or one that the settings say is for it', () => {
  const { chain } = settings;
  const practising = { ...settings, chain: { ...chain, practice: true } };
  assert.deepEqual(
    [isPractice(settings, 'embedded'), isPractice(settings, 'external'), isPractice(practising, 'external')],
    [true, false, true],
  );
});
