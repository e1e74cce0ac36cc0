// What a device installs: formats, three small libraries and an MQTT client, not the platform.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Where Node finds a package from a folder. */
function folderOf(name: string, from: string): string | undefined {
  const found = join(from, 'node_modules', name);
  if (existsSync(join(found, 'package.json'))) return realpathSync(found);
  return dirname(from) === from ? undefined : folderOf(name, dirname(from));
}

/** Names of everything that package.json files bring along. */
function installedWith(folder: string, found: Set<string> = new Set()): Set<string> {
  const { name, dependencies, optionalDependencies } = manifestOf(folder);
  if (found.has(name)) return found;
  found.add(name);
  for (const wanted of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const at = folderOf(wanted, folder);
    if (at === undefined) found.add(wanted);
    else installedWith(at, found);
  }
  return found;
}

test('the device library brings neither database, chain nor server', () => {
  const names = [...installedWith(fileURLToPath(new URL('./', import.meta.url)))];
  assert.ok(names.includes('@trine/protocol') && names.includes('@noble/curves') && names.includes('mqtt'));
  assert.deepEqual(
    names.filter((name) => /duckdb|viem|anvil|hono|^@ethereumjs\/|aedes|pino/.test(name)),
    [],
  );
  assert.deepEqual(names.filter((name) => name.startsWith('@trine/')).sort(), ['@trine/device', '@trine/protocol']);
});

test('the formats bring three libraries, which need nothing themselves', () => {
  const protocol = folderOf('@trine/protocol', fileURLToPath(new URL('./', import.meta.url))) as string;
  assert.deepEqual([...installedWith(protocol)].sort(), [
    '@noble/curves',
    '@noble/hashes',
    '@scure/base',
    '@trine/protocol',
  ]);
});
