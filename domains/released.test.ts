// Golden evidence, computed again by the bundle it names: natively, in the sandbox, and where a stranger's bundle is hostile.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  assembled,
  bundleHash,
  Domains,
  domainData,
  type FindBundle,
  type InstalledDomain,
  replayWith,
} from '@trine/engine';
import { readQuickjs } from '@trine/engine/checks/quickjs.ts';
import { oneFile } from '@trine/engine/sandbox/budget.ts';
import { readDomainFile, sandboxedDomain, writeDomainFile } from '@trine/engine/sandbox/file.ts';
import { sandboxedDeciding } from '@trine/engine/sandbox/sandboxed.ts';
import { NotChecked, parseNetwork, verifyEvidence } from '@trine/protocol';
import { installedDomains, releasedDomains } from './released.ts';

const vector = (name: string) => new Uint8Array(readFileSync(new URL(`../vectors/evidence/${name}`, import.meta.url)));
const network = parseNetwork(new TextDecoder().decode(vector('network.json')));
/** The vectors are golden: they name the release that was the newest when they were made, and it is kept. */
const VECTORS_VERSION = '2';
const { domain, identity } = releasedDomains().find(
  ({ identity: { name, version } }) => name === 'service-level' && version === VECTORS_VERSION,
) as InstalledDomain;
const codeOf = (hash: string) => readFileSync(new URL(`../bundles/${hash}.js`, import.meta.url), 'utf8');
const quickjs = readQuickjs();

async function verdictOf(domains: Domains) {
  const report = await verifyEvidence(vector('decision.trine'), { network, replay: replayWith(domains) });
  return { verdict: report.verdict, detail: report.steps.find(({ name }) => name === 'replay')?.detail ?? '' };
}

test('every bundle of the release has the hash that it is loaded by', () => {
  for (const { identity: one } of releasedDomains()) assert.equal(bundleHash(codeOf(one.code)), one.code, one.name);
});

test('the bundle that a decision names computes it again, natively and in the sandbox', async () => {
  assert.equal((await verdictOf(installedDomains())).verdict, 'trusted');
  const file = readDomainFile(writeDomainFile(domain, codeOf(identity.code)));
  assert.deepEqual(file.identity, identity);
  assert.equal((await verdictOf(new Domains([await sandboxedDomain(file, { quickjs })]))).verdict, 'trusted');
});

test('a bundle that is not installed is asked for by its hash; without it the decision is not computed again', async () => {
  const asked: string[] = [];
  const find: FindBundle = async (name, hash) => {
    asked.push(`${name} ${hash}`);
    return sandboxedDomain(readDomainFile(writeDomainFile(domain, codeOf(hash))), { quickjs });
  };
  assert.equal((await verdictOf(new Domains([], find))).verdict, 'trusted');
  assert.deepEqual(asked, [`service-level ${identity.code}`]);
  const without = await verdictOf(new Domains([]));
  assert.deepEqual([without.verdict, /is not installed here/.test(without.detail)], ['trusted-without-replay', true]);
});

test('several bundles of one domain stand side by side: each agreement keeps its own, new ones take the newest', async () => {
  const code = `${codeOf(identity.code)}\n`;
  const file = readDomainFile(writeDomainFile(domain, code));
  assert.notEqual(file.hash, identity.code);
  const newer = await sandboxedDomain(file, { quickjs });
  const both = new Domains([newer, { domain, identity }]);
  assert.equal(both.get('service-level').identity.code, file.hash);
  assert.equal(both.of({ domain: 'service-level', model: identity }).domain, domain);
  assert.equal((await both.open('service-level', identity, {})).domain, domain);
  assert.equal((await both.open('service-level', newer.identity, {})).domain, newer.domain);
  assert.equal((await verdictOf(both)).verdict, 'trusted');
  assert.ok(both.knows('service-level', identity, {}) && !both.knows('service-level', identity, { thresholdPpm: 1 }));
  const alone = new Domains([newer]);
  await assert.rejects(alone.open('service-level', identity, {}), NotChecked);
});

/** The bundle's own answers, but for one part of it. */
const spoilt = (part: string) => `${codeOf(identity.code).replace(/export\{(\w+) as default\};?\s*$/, 'const real=$1;')}
export default { ...real, ${part} };`;
const hostile: Readonly<Record<string, string>> = {
  'its terms loop': 'terms: { parse() { for (;;); } }',
  'its triggers loop': 'triggers() { for (;;); }',
  'its inputs are a bomb': 'inputs() { const all = []; for (;;) all.push(new Uint8Array(1e6)); }',
  'it decides for ever': 'open: async () => ({ decide() { for (;;); } })',
  'it never opens': 'open: () => new Promise(() => {})',
  'it throws nothing': 'open: async () => ({ decide() { throw undefined; } })',
  'it reaches out': 'open: async () => ({ decide() { return fetch("http://127.0.0.1/"); } })',
  'it answers junk': 'open: async () => ({ decide() { return { verdict: 7, states: [] }; } })',
};

for (const [what, part] of Object.entries(hostile))
  test(`a file of a stranger whose bundle is hostile (${what}) is not computed again, and that is said`, async () => {
    const deciding = await sandboxedDeciding(spoilt(part), [], { quickjs, budget: oneFile });
    const domains = new Domains([{ domain: assembled(domainData(domain), deciding), identity }]);
    const { verdict, detail } = await verdictOf(domains);
    assert.equal(verdict, 'trusted-without-replay', detail);
    assert.match(detail, /^The bundle .*Nothing is found out by it/);
  });
